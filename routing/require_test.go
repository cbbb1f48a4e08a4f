package routing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// What a policy requires of a line counts where a chat is opened, for the
// service that the message needs, under a cause of its own; it ends no chat.
func TestRequirements(t *testing.T) {
	london := recipients.MustParse("+442079460123")
	policy, err := fleet.ParsePolicy([]byte(`{"require": [{"match": "country", "service": "SMS"}]}`))
	require.NoError(t, err)
	view, err := fleet.NewView([]line.Line{{Number: dc}}, fleet.ViewOptions{Policy: policy, At: noon})
	require.NoError(t, err)
	bySMS := func(r *message.Request) { service := message.SMS.String(); r.Message.PreferredService = &service }
	in := routing.Input{At: noon, Lines: view, MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'}}

	in.Send = request(t, nil, london)
	d, err := routing.Decide(in)
	require.NoError(t, err, "it needs no service")
	require.Equal(t, dc, d.Line)

	in.Send = request(t, bySMS, london)
	_, err = routing.Decide(in)
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, fleet.Counts{OtherCountry: 1}, refusal.PassedOver)
	require.Contains(t, refusal.Error(), "1 of another country")

	in.Chats = []store.Chat{{
		ID: uuid.UUID{0: 'c'}, Line: dc, Roster: store.NewRoster(in.Send.Recipients(), noon.Add(-time.Hour)),
		CreatedAt: noon.Add(-time.Hour), ActiveAt: noon.Add(-time.Hour),
	}}
	d, err = routing.Decide(in)
	require.NoError(t, err)
	require.Equal(t, store.ReusedActiveChat, d.Reason)
}
