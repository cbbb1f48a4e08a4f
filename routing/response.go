package routing

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Response returns the body that answers the send (§13). It is a function of
// the decision alone: a replay gives the same body as the first answer. Parts
// may share memory with the request.
func (d *Decision) Response() message.Response {
	set := d.Roster.Set()
	handles := make([]message.ChatHandle, 0, set.Len()+1)
	for i, h := range set.All() {
		handles = append(handles, d.handle(h, message.At(d.Roster.JoinedAt(i)), false))
	}
	line := d.handle(d.Line, message.At(d.Roster.Since()), true)
	return message.Response{
		ChatID:         d.ChatID,
		CreatedNewChat: d.OpensChat(),
		From:           line.Handle,
		FromSelection: message.FromSelection{
			Reason:             d.Reason.String(),
			ReusedExistingChat: !d.OpensChat(),
		},
		Handles: append(handles, line),
		IsGroup: set.IsGroup(),
		Message: message.SentMessage{
			ID:               d.MessageID,
			CreatedAt:        message.At(d.At),
			DeliveryStatus:   "pending",
			Parts:            d.responseParts(),
			Effect:           sentEffect(d.Message.Effect),
			FromHandle:       &line,
			PreferredService: preferred(d.Message),
			ReplyTo:          sentReply(d.Message.ReplyTo),
		},
		Service:        d.Service,
		PreviousChatID: d.PreviousChatID,
	}
}

// handle describes one participant. Its id is derived from chat and handle, so
// that it is the same in every answer about the chat.
func (d *Decision) handle(h recipients.Handle, joined message.Timestamp, isMe bool) message.ChatHandle {
	text := h.String()
	return message.ChatHandle{
		ID:       HandleID(d.ChatID, h),
		Handle:   text,
		JoinedAt: joined,
		Service:  d.Service,
		IsMe:     isMe,
		Status:   "active",
	}
}

// HandleID returns the id of a participant of a chat: a UUID of version 5 whose
// name space is the chat's id and whose name is the handle.
func HandleID(chat uuid.UUID, h recipients.Handle) uuid.UUID {
	return uuid.NewSHA1(chat, h.AppendTo(make([]byte, 0, 64)))
}

// responseParts shows the parts as they are sent.
func (d *Decision) responseParts() message.ResponseParts {
	none := []message.Reaction{}
	parts := make(message.ResponseParts, 0, len(d.Message.Parts))
	media := 0
	for i, part := range d.Message.Parts {
		switch p := part.(type) {
		case *message.TextPart:
			parts = append(parts, &message.TextResponse{Reactions: none, Value: *p.Value, TextDecorations: p.TextDecorations})
		case *message.MediaPart:
			m := describe(p, uuid.NewSHA1(d.MessageID, strconv.AppendInt(nil, int64(i), 10)))
			if media < len(d.Attachments) {
				m = d.Attachments[media]
			}
			media++
			parts = append(parts, &message.MediaResponse{Reactions: none, Media: m})
		case *message.LinkPart:
			parts = append(parts, &message.LinkResponse{Reactions: none, Value: *p.Value})
		case *message.AppCardPart:
			card := &message.AppCardResponse{Reactions: none, App: p.App, Layout: p.Layout, FallbackText: p.FallbackText}
			if p.URL != nil {
				card.URL = *p.URL
			}
			parts = append(parts, card)
		case *message.AppClipPart:
			parts = append(parts, &message.AppClipResponse{Reactions: none, Value: *p.Value})
		}
	}
	return parts
}

func sentEffect(e *message.Effect) *message.SentEffect {
	if e == nil {
		return nil
	}
	sent := &message.SentEffect{}
	if e.Name != nil {
		sent.Name = *e.Name
	}
	if e.Type != nil {
		sent.Type = *e.Type
	}
	return sent
}

func sentReply(r *message.ReplyTo) *message.SentReplyTo {
	if r == nil {
		return nil
	}
	id, err := uuid.Parse(*r.MessageID)
	if err != nil {
		return nil // a checked request has no such reply
	}
	sent := &message.SentReplyTo{MessageID: id}
	if r.PartIndex != nil {
		sent.PartIndex = *r.PartIndex
	}
	return sent
}

// preferred returns the preferred service of a checked message, 0 without one.
func preferred(m *message.Content) message.Service {
	if m.PreferredService == nil {
		return 0
	}
	service, _ := message.ParseService(*m.PreferredService)
	return service
}
