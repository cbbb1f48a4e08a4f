package fromline_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// The answer has exactly what the rules say of the decision (docs/rules.md §13).
func TestResponse(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc, Status: line.Flagged}, line.Line{Number: boston})
	old := r.seen(1, dc, time.Hour, ann, bob)
	first, err := r.send(request(t, media, bob, ann))
	require.NoError(t, err)
	answer := first.Response()
	require.Equal(t, old, answer.PreviousChatID)
	require.True(t, answer.CreatedNewChat)
	require.True(t, answer.IsGroup)
	require.Equal(t, boston.String(), answer.From)
	require.Equal(t, message.FromSelection{Reason: "failover_flagged"}, answer.FromSelection)
	require.Equal(t, message.IMessage, answer.Service)
	require.Equal(t, first.ChatID, answer.ChatID)
	require.Equal(t, "pending", answer.Message.DeliveryStatus)
	require.Equal(t, message.At(noon), answer.Message.CreatedAt)
	require.Zero(t, answer.Message.SentAt)
	require.Zero(t, answer.Message.PreferredService)

	// Participants in canonical order, our line last; ids derive from chat and
	// handle, and so are the same in every answer about the chat.
	require.Len(t, answer.Handles, 3)
	for i, h := range []recipients.Handle{ann, bob, boston} {
		require.Equal(t, message.ChatHandle{
			ID: routing.HandleID(first.ChatID, h), Handle: h.String(), JoinedAt: message.At(noon), Service: message.IMessage,
			IsMe: i == 2, Status: "active",
		}, answer.Handles[i])
	}
	require.Equal(t, &answer.Handles[2], answer.Message.FromHandle)
	require.NotEqual(t, routing.HandleID(first.ChatID, ann), routing.HandleID(first.ChatID, bob))
	require.NotEqual(t, routing.HandleID(first.ChatID, ann), routing.HandleID(old, ann))

	// Without a resolver the part tells what it can, and the attachment's id is
	// the message's own.
	part := answer.Message.Parts[1].(*message.MediaResponse)
	require.Equal(t, "a.png", part.Filename)
	require.Equal(t, "image/png", part.MimeType)
	require.NotZero(t, part.ID)

	service := "SMS"
	second, err := r.send(request(t, func(r *message.Request) { media(r); r.Message.PreferredService = &service }, ann, bob))
	require.NoError(t, err)
	again := second.Response()
	require.False(t, again.CreatedNewChat)
	require.Equal(t, message.FromSelection{Reason: "reused_active_chat", ReusedExistingChat: true}, again.FromSelection)
	require.Zero(t, again.PreviousChatID)
	require.Equal(t, answer.Handles[0].ID, again.Handles[0].ID)
	require.Equal(t, message.SMS, again.Service)
	require.Equal(t, message.SMS, again.Message.PreferredService)
	require.NotEqual(t, part.ID, again.Message.Parts[1].(*message.MediaResponse).ID)
}

// A chat whose people joined at different times says so.
func TestResponseTellsWhenPeopleJoined(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	id := r.seen(1, dc, 2*time.Hour, ann)
	joined := store.ParticipantAdded{Chat: id, Handle: bob, At: noon.Add(-time.Hour)}
	require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{joined}))
	d, err := r.send(request(t, nil, ann, bob))
	require.NoError(t, err)
	var times []time.Duration
	for _, h := range d.Response().Handles {
		times = append(times, h.JoinedAt.Time().Sub(noon))
	}
	require.Equal(t, []time.Duration{-2 * time.Hour, -time.Hour, -2 * time.Hour}, times)
}

// Deliveries hold the one message, as it is to be sent.
func TestDelivery(t *testing.T) {
	r := build(t, []line.Line{{Number: dc}}, func(r *rig) (fromline.LineHealth, fromline.Options) {
		return r.lines, fromline.Options{Deliver: true}
	})
	d, err := r.send(request(t, media, ann))
	require.NoError(t, err)
	delivery, wanted := r.chats.plans[0].Delivery()
	require.True(t, wanted)
	content, err := message.EncodeContent(d.Message)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, delivery.Content))
	require.Equal(t, store.Delivery{
		MessageID: d.MessageID, ChatID: d.ChatID, From: dc, To: d.Roster.Set(), Reason: d.Reason, Content: content,
	}, delivery)
	require.Nil(t, newRig(t, fromline.Options{}).chats.plans)
}
