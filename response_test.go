package fromline_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// The answer has exactly what the rules say of the decision (docs/rules.md
// §13).
func TestResponse(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc, Status: line.Flagged}, line.Line{Number: boston})
	old := r.seen(1, dc, time.Hour, ann, bob)
	first, err := r.send(request(t, media, bob, ann))
	require.NoError(t, err)
	answer := answerOf(t, first)
	require.Equal(t, &old, answer.PreviousChatID)
	require.True(t, answer.CreatedNewChat)
	require.True(t, answer.IsGroup)
	require.Equal(t, boston.String(), answer.From)
	require.Equal(t, selection{Reason: "failover_flagged"}, answer.FromSelection)
	require.Equal(t, message.IMessage, answer.Service)
	require.Equal(t, first.ChatID, answer.ChatID)
	require.Equal(t, "pending", answer.Message.DeliveryStatus)
	require.True(t, noon.Equal(answer.Message.CreatedAt))
	require.Zero(t, answer.Message.SentAt)
	require.Zero(t, answer.Message.PreferredService)

	// Participants in canonical order, our line last; ids derive from chat and
	// handle, and so are the same in every answer about the chat.
	require.Len(t, answer.Handles, 3)
	for i, h := range []recipients.Handle{ann, bob, boston} {
		require.Equal(t, chatHandle{
			ID: routing.HandleID(first.ChatID, h), Handle: h.String(), JoinedAt: noon.Truncate(time.Millisecond), Service: message.IMessage,
			IsMe: i == 2, Status: "active",
		}, answer.Handles[i])
	}
	require.Equal(t, &answer.Handles[2], answer.Message.FromHandle)
	require.NotEqual(t, routing.HandleID(first.ChatID, ann), routing.HandleID(first.ChatID, bob))
	require.NotEqual(t, routing.HandleID(first.ChatID, ann), routing.HandleID(old, ann))

	// Without a resolver the part tells what it can, and the attachment's id is
	// the message's own.
	part := answer.Message.Parts[1].media(t)
	require.Equal(t, "a.png", part.Filename)
	require.Equal(t, "image/png", part.MimeType)
	require.NotZero(t, part.ID)

	service := "SMS"
	second, err := r.send(request(t, func(r *message.Request) { media(r); r.Message.PreferredService = &service }, ann, bob))
	require.NoError(t, err)
	again := answerOf(t, second)
	require.False(t, again.CreatedNewChat)
	require.Equal(t, selection{Reason: "reused_active_chat", Reused: true}, again.FromSelection)
	require.Zero(t, again.PreviousChatID)
	require.Equal(t, answer.Handles[0].ID, again.Handles[0].ID)
	require.Equal(t, message.SMS, again.Service)
	require.Equal(t, message.SMS, *again.Message.PreferredService)
	require.NotEqual(t, part.ID, again.Message.Parts[1].media(t).ID)
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
	for _, h := range answerOf(t, d).Handles {
		times = append(times, h.JoinedAt.Sub(noon))
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

// response is the answer of a send, as a client reads it.
type response struct {
	ChatID         uuid.UUID       `json:"chat_id"`
	CreatedNewChat bool            `json:"created_new_chat"`
	From           string          `json:"from"`
	FromSelection  selection       `json:"from_selection"`
	Handles        []chatHandle    `json:"handles"`
	IsGroup        bool            `json:"is_group"`
	Message        sentMessage     `json:"message"`
	Service        message.Service `json:"service"`
	PreviousChatID *uuid.UUID      `json:"previous_chat_id"`
}

type selection struct {
	Reason string `json:"reason"`
	Reused bool   `json:"reused_existing_chat"`
}

type chatHandle struct {
	ID       uuid.UUID       `json:"id"`
	Handle   string          `json:"handle"`
	JoinedAt time.Time       `json:"joined_at"`
	Service  message.Service `json:"service"`
	IsMe     bool            `json:"is_me"`
	LeftAt   *time.Time      `json:"left_at"`
	Status   string          `json:"status"`
}

type sentMessage struct {
	ID               uuid.UUID        `json:"id"`
	CreatedAt        time.Time        `json:"created_at"`
	DeliveryStatus   string           `json:"delivery_status"`
	IsRead           bool             `json:"is_read"`
	Parts            []sentPart       `json:"parts"`
	SentAt           *time.Time       `json:"sent_at"`
	DeliveredAt      *time.Time       `json:"delivered_at"`
	Effect           json.RawMessage  `json:"effect"`
	FromHandle       *chatHandle      `json:"from_handle"`
	PreferredService *message.Service `json:"preferred_service"`
	ReplyTo          json.RawMessage  `json:"reply_to"`
	Service          *message.Service `json:"service"`
}

type sentPart struct{ json.RawMessage }

// media is what a part says of its attachment.
func (p sentPart) media(t require.TestingT) message.Media {
	var m struct {
		ID        uuid.UUID `json:"id"`
		Filename  string    `json:"filename"`
		MimeType  string    `json:"mime_type"`
		SizeBytes int64     `json:"size_bytes"`
		URL       string    `json:"url"`
	}
	require.NoError(t, json.Unmarshal(p.RawMessage, &m))
	return message.Media(m)
}

// answerOf is the answer of a decision: all of it, and nothing else.
func answerOf(t require.TestingT, d routing.Decision) response {
	body, err := d.AppendResponse(nil)
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	var r response
	require.NoError(t, decoder.Decode(&r))
	return r
}
