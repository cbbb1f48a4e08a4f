package routing_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// TestWhomPartsMention says that each text shows whom it mentions, whichever
// part it is, and where: in its range, or in the whole of it; and that a
// decision that is read back from its record shows the same.
func TestWhomPartsMention(t *testing.T) {
	mentions := func(r *message.Request) {
		toAnn, toBob := message.Text("Hello Ann"), message.Text("Hello Bob")
		toAnn.Mention, toAnn.MentionRange = new(ann.String()), []int64{6, 9}
		toBob.Mention = new(bob.String())
		picture := &message.MediaPart{URL: new("https://example.com/a.png")}
		r.Message.Parts = []message.Part{message.Text("Hello"), picture, toAnn, picture, toBob, picture, message.Text("and bye")}
	}
	d, err := routing.Decide(routing.Input{
		Send: request(t, mentions, ann, bob), Lines: byHand(t, []line.Line{{Number: dc}}), At: noon,
		MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'},
	})
	require.NoError(t, err)
	want := []validate.Mention{{Part: 2, Handle: ann}, {Part: 4, Handle: bob}}
	assert.Equal(t, want, d.Mentions)
	answer, err := d.AppendResponse(nil)
	require.NoError(t, err)
	assert.JSONEq(t, body(t, bare(&d)), string(answer))
	assert.Contains(t, string(answer), `"is_me":false,"range":[6,9]}]`)
	assert.Contains(t, string(answer), `"is_me":false,"range":[0,9]}]`)

	rec := &store.Record{MessageID: d.MessageID, ChatID: d.ChatID, Line: d.Line, Reason: d.Reason, At: d.At, Roster: d.Roster}
	back := routing.ReadBack(rec, d.Message)
	assert.Equal(t, want, back.Mentions)
	assert.Equal(t, d.Message, back.Message)
	again, err := back.AppendResponse(nil)
	require.NoError(t, err)
	assert.Equal(t, string(answer), string(again))
	without := routing.ReadBack(rec, nil)
	assert.Equal(t, &message.Content{}, without.Message)
	assert.Empty(t, without.Mentions)
}
