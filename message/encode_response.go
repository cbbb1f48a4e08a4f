package message

import (
	"slices"

	"github.com/google/uuid"
)

// AppendJSON appends the response as JSON to b, every member in the order of the endpoint's page. On an error, which a string that is not UTF-8, a service that
// is not one or a year that does not have four digits makes, it returns b as it was.
func (r *Response) AppendJSON(b []byte) ([]byte, error) {
	size := 1024 + 256*len(r.Handles)
	for _, part := range r.Message.Parts {
		if p, ok := part.(*TextResponse); ok {
			size += len(p.Value) + 48*len(p.TextDecorations)
		}
		size += 256
	}
	e := encoder{b: slices.Grow(b, size)}
	e.response(r)
	return e.done(b)
}

// MarshalJSON returns what [Response.AppendJSON] appends.
func (r *Response) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

func (e *encoder) response(r *Response) {
	e.raw(`{"chat_id":`)
	e.id(r.ChatID)
	e.raw(`,"created_new_chat":`)
	e.boolean(r.CreatedNewChat)
	e.raw(`,"from":`)
	e.text(r.From)
	e.raw(`,"from_selection":{"reason":`)
	e.text(r.FromSelection.Reason)
	e.raw(`,"reused_existing_chat":`)
	e.boolean(r.FromSelection.ReusedExistingChat)
	e.raw(`},"handles":[`)
	last := len(e.b)
	for i := range r.Handles {
		e.next()
		last = len(e.b)
		e.chatHandle(&r.Handles[i])
	}
	lastHandle := e.b[last:len(e.b):len(e.b)]
	e.raw(`],"is_group":`)
	e.boolean(r.IsGroup)
	e.raw(`,"message":`)
	e.sent(r, lastHandle)
	e.raw(`,"service":`)
	e.service(r.Service)
	e.raw(`,"previous_chat_id":`)
	if r.PreviousChatID == (uuid.UUID{}) {
		e.null()
	} else {
		e.id(r.PreviousChatID)
	}
	e.raw(`}`)
}

func (e *encoder) chatHandle(h *ChatHandle) {
	e.raw(`{"id":`)
	e.id(h.ID)
	e.raw(`,"handle":`)
	e.text(h.Handle)
	e.raw(`,"joined_at":`)
	e.time(h.JoinedAt)
	e.raw(`,"service":`)
	e.service(h.Service)
	e.raw(`,"is_me":`)
	e.boolean(h.IsMe)
	e.raw(`,"left_at":`)
	e.time(h.LeftAt)
	e.raw(`,"status":`)
	if h.Status == "" {
		e.null()
	} else {
		e.text(h.Status)
	}
	e.raw(`}`)
}

// sent appends the message. The handle that it is from is mostly the last of all, whose JSON is given.
func (e *encoder) sent(r *Response, lastHandle []byte) {
	m := &r.Message
	e.raw(`{"id":`)
	e.id(m.ID)
	e.raw(`,"created_at":`)
	e.time(m.CreatedAt)
	e.raw(`,"delivery_status":`)
	e.text(m.DeliveryStatus)
	e.raw(`,"is_read":`)
	e.boolean(m.IsRead)
	e.raw(`,"parts":[`)
	for _, part := range m.Parts {
		e.responsePart(part)
	}
	e.raw(`],"sent_at":`)
	e.time(m.SentAt)
	e.raw(`,"delivered_at":`)
	e.time(m.DeliveredAt)
	e.raw(`,"effect":`)
	if m.Effect == nil {
		e.null()
	} else {
		e.open('{')
		e.textIfAny(`"name":`, m.Effect.Name)
		e.textIfAny(`"type":`, m.Effect.Type)
		e.close('}')
	}
	e.raw(`,"from_handle":`)
	switch n := len(r.Handles); {
	case m.FromHandle == nil:
		e.null()
	case n > 0 && *m.FromHandle == r.Handles[n-1]:
		e.b = append(e.b, lastHandle...)
	default:
		e.chatHandle(m.FromHandle)
	}
	e.raw(`,"preferred_service":`)
	e.service(m.PreferredService)
	e.raw(`,"reply_to":`)
	if m.ReplyTo == nil {
		e.null()
	} else {
		e.raw(`{"message_id":`)
		e.id(m.ReplyTo.MessageID)
		e.raw(`,"part_index":`)
		e.integer(m.ReplyTo.PartIndex)
		e.raw(`}`)
	}
	e.raw(`,"service":`)
	e.service(m.Service)
	e.raw(`}`)
}

func (e *encoder) responsePart(part ResponsePart) {
	e.open('{')
	switch p := part.(type) {
	case *TextResponse:
		e.reactions()
		e.raw(`,"type":"text","value":`)
		e.text(p.Value)
		if len(p.TextDecorations) > 0 {
			e.decorations(p.TextDecorations, false)
		}
		e.optionalText(`"mention":`, p.Mention)
		e.optionalIntegers(`"mention_range":`, p.MentionRange)
		e.mentions(p.Mentions)
		e.sentStickers(p.InlineStickers)
	case *MediaResponse:
		e.raw(`"id":`)
		e.id(p.ID)
		e.raw(`,"filename":`)
		e.text(p.Filename)
		e.raw(`,"mime_type":`)
		e.text(p.MimeType)
		e.reactions()
		e.raw(`,"size_bytes":`)
		e.integer(p.SizeBytes)
		e.raw(`,"type":"media","url":`)
		e.text(p.URL)
	case *LinkResponse:
		e.reactions()
		e.raw(`,"type":"link","value":`)
		e.text(p.Value)
	case *AppClipResponse:
		e.reactions()
		e.raw(`,"type":"app_clip","value":`)
		e.text(p.Value)
	case *AppCardResponse:
		if p.App != nil {
			e.name(`"app":`)
			e.app(p.App, false)
		}
		if p.Layout != nil {
			e.name(`"layout":`)
			e.layout(p.Layout, false)
		}
		e.reactions()
		e.raw(`,"type":"imessage_app","url":`)
		e.text(p.URL)
		e.optionalText(`"fallback_text":`, p.FallbackText)
	}
	e.close('}')
}

// reactions appends the member reactions: nobody has reacted to what is being sent.
func (e *encoder) reactions() { e.name(`"reactions":[]`) }

// textIfAny appends a member unless it is empty.
func (e *encoder) textIfAny(quoted, s string) {
	if s != "" {
		e.name(quoted)
		e.text(s)
	}
}

func (e *encoder) mentions(list []Mention) {
	if len(list) == 0 {
		return
	}
	e.name(`"mentions":`)
	e.open('[')
	for i := range list {
		e.open('{')
		e.name(`"handle":`)
		e.text(list[i].Handle)
		e.name(`"is_me":`)
		e.boolean(list[i].IsMe)
		e.optionalIntegers(`"range":`, list[i].Range)
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) sentStickers(list []SentSticker) {
	if len(list) == 0 {
		return
	}
	e.name(`"inline_stickers":`)
	e.open('[')
	for i := range list {
		s := &list[i]
		e.open('{')
		e.optionalIntegers(`"range":`, s.Range)
		if s.ID != (uuid.UUID{}) {
			e.name(`"id":`)
			e.id(s.ID)
		}
		e.textIfAny(`"file_name":`, s.FileName)
		e.textIfAny(`"mime_type":`, s.MimeType)
		e.textIfAny(`"url":`, s.URL)
		e.close('}')
	}
	e.close(']')
}
