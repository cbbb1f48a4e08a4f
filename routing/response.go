package routing

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing/internal/response"
)

// AppendResponse appends the body that answers the send as JSON to b, with every
// member in the order of the endpoint's page. It is a function of the decision
// alone: a replay gives the same bytes as the first answer. A text that is not
// UTF-8 and a year that does not have four digits are errors, and give b back as
// it was.
func (d *Decision) AppendResponse(b []byte) ([]byte, error) {
	var room [4]response.ChatHandle // for most chats
	r := d.response(room[:0])
	return r.AppendJSON(b)
}

// response is the answer, with its handles appended to a slice. Parts may share
// memory with the request, and the message's FromHandle is the last of Handles.
func (d *Decision) response(handles []response.ChatHandle) response.Response {
	set := d.Roster.Set()
	for i, h := range set.All() {
		handles = append(handles, d.handle(h, message.At(d.Roster.JoinedAt(i)), false))
	}
	handles = append(handles, d.handle(d.Line, message.At(d.Roster.Since()), true))
	line := &handles[len(handles)-1]
	return response.Response{
		ChatID:         d.ChatID,
		CreatedNewChat: d.OpensChat(),
		From:           line.Handle,
		FromSelection: response.FromSelection{
			Reason:             d.Reason.String(),
			ReusedExistingChat: !d.OpensChat(),
		},
		Handles: handles,
		IsGroup: set.IsGroup(),
		Message: response.SentMessage{
			ID:               d.MessageID,
			CreatedAt:        message.At(d.At),
			DeliveryStatus:   "pending",
			Parts:            d.responseParts(),
			Effect:           response.EchoEffect(d.Message.Effect),
			FromHandle:       line,
			PreferredService: preferred(d.Message),
			ReplyTo:          response.EchoReplyTo(d.Message.ReplyTo),
		},
		Service:        d.Service,
		PreviousChatID: d.PreviousChatID,
	}
}

// handle describes one participant. Its id is derived from chat and handle, so
// that it is the same in every answer about the chat.
func (d *Decision) handle(h recipients.Handle, joined message.Timestamp, isMe bool) response.ChatHandle {
	text := h.String()
	return response.ChatHandle{
		ID:       handleID(d.ChatID, text),
		Handle:   text,
		JoinedAt: joined,
		Service:  d.Service,
		IsMe:     isMe,
		Status:   "active",
	}
}

// responseParts shows the parts as they are sent, with the resolver's answers
// or else what the parts themselves tell about attachments, and with who is
// mentioned.
func (d *Decision) responseParts() response.ResponseParts {
	resolved := d.Attachments
	parts := response.Echo(d.Message.Parts, func(i int, p *message.MediaPart) message.Media {
		if len(resolved) == 0 {
			return response.DescribeMedia(p, uuid.NewSHA1(d.MessageID, strconv.AppendInt(nil, int64(i), 10)))
		}
		m := resolved[0]
		resolved = resolved[1:]
		return m
	})
	for _, m := range d.Mentions {
		text, is := parts[m.Part].(*response.TextResponse)
		if !is {
			continue
		}
		shown := response.Mention{Handle: m.Handle.String(), IsMe: m.Handle == d.Line, Range: text.MentionRange}
		if shown.Range == nil { // the whole text
			shown.Range = []int64{0, int64(decorations.Length(text.Value))}
		}
		text.Mentions = []response.Mention{shown}
	}
	return parts
}

// preferred returns the preferred service of a checked message, 0 without one.
func preferred(m *message.Content) message.Service {
	if m.PreferredService == nil {
		return 0
	}
	service, _ := message.ParseService(*m.PreferredService)
	return service
}
