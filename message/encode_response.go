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
	e.open('{')
	e.name(`"chat_id":`)
	e.id(r.ChatID)
	e.name(`"created_new_chat":`)
	e.boolean(r.CreatedNewChat)
	e.name(`"from":`)
	e.text(r.From)
	e.name(`"from_selection":{"reason":`)
	e.text(r.FromSelection.Reason)
	e.name(`"reused_existing_chat":`)
	e.boolean(r.FromSelection.ReusedExistingChat)
	e.close('}')
	e.name(`"handles":`)
	e.open('[')
	for i := range r.Handles {
		e.chatHandle(&r.Handles[i])
	}
	e.close(']')
	e.name(`"is_group":`)
	e.boolean(r.IsGroup)
	e.name(`"message":`)
	e.sent(&r.Message)
	e.name(`"service":`)
	e.service(r.Service)
	e.name(`"previous_chat_id":`)
	if r.PreviousChatID == (uuid.UUID{}) {
		e.null()
	} else {
		e.id(r.PreviousChatID)
	}
	e.close('}')
}

func (e *encoder) chatHandle(h *ChatHandle) {
	e.open('{')
	e.name(`"id":`)
	e.id(h.ID)
	e.name(`"handle":`)
	e.text(h.Handle)
	e.name(`"joined_at":`)
	e.time(h.JoinedAt)
	e.name(`"service":`)
	e.service(h.Service)
	e.name(`"is_me":`)
	e.boolean(h.IsMe)
	e.name(`"left_at":`)
	e.time(h.LeftAt)
	e.name(`"status":`)
	if h.Status == "" {
		e.null()
	} else {
		e.text(h.Status)
	}
	e.close('}')
}

func (e *encoder) sent(m *SentMessage) {
	e.open('{')
	e.name(`"id":`)
	e.id(m.ID)
	e.name(`"created_at":`)
	e.time(m.CreatedAt)
	e.name(`"delivery_status":`)
	e.text(m.DeliveryStatus)
	e.name(`"is_read":`)
	e.boolean(m.IsRead)
	e.name(`"parts":`)
	e.open('[')
	for _, part := range m.Parts {
		e.responsePart(part)
	}
	e.close(']')
	e.name(`"sent_at":`)
	e.time(m.SentAt)
	e.name(`"delivered_at":`)
	e.time(m.DeliveredAt)
	e.name(`"effect":`)
	if m.Effect == nil {
		e.null()
	} else {
		e.open('{')
		e.textIfAny(`"name":`, m.Effect.Name)
		e.textIfAny(`"type":`, m.Effect.Type)
		e.close('}')
	}
	e.name(`"from_handle":`)
	if m.FromHandle == nil {
		e.null()
	} else {
		e.chatHandle(m.FromHandle)
	}
	e.name(`"preferred_service":`)
	e.service(m.PreferredService)
	e.name(`"reply_to":`)
	if m.ReplyTo == nil {
		e.null()
	} else {
		e.name(`{"message_id":`)
		e.id(m.ReplyTo.MessageID)
		e.name(`"part_index":`)
		e.integer(m.ReplyTo.PartIndex)
		e.close('}')
	}
	e.name(`"service":`)
	e.service(m.Service)
	e.close('}')
}

func (e *encoder) responsePart(part ResponsePart) {
	e.open('{')
	switch p := part.(type) {
	case *TextResponse:
		e.reactions(p.Reactions)
		e.name(`"type":"text","value":`)
		e.text(p.Value)
		if len(p.TextDecorations) > 0 {
			e.decorations(p.TextDecorations, false)
		}
	case *MediaResponse:
		e.name(`"id":`)
		e.id(p.ID)
		e.name(`"filename":`)
		e.text(p.Filename)
		e.name(`"mime_type":`)
		e.text(p.MimeType)
		e.reactions(p.Reactions)
		e.name(`"size_bytes":`)
		e.integer(p.SizeBytes)
		e.name(`"type":"media","url":`)
		e.text(p.URL)
	case *LinkResponse:
		e.reactions(p.Reactions)
		e.name(`"type":"link","value":`)
		e.text(p.Value)
	case *AppClipResponse:
		e.reactions(p.Reactions)
		e.name(`"type":"app_clip","value":`)
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
		e.reactions(p.Reactions)
		e.name(`"type":"imessage_app","url":`)
		e.text(p.URL)
		e.optionalText(`"fallback_text":`, p.FallbackText)
	}
	e.close('}')
}

func (e *encoder) reactions(list []Reaction) {
	e.name(`"reactions":`)
	e.open('[')
	for i := range list {
		r := &list[i]
		e.open('{')
		e.name(`"handle":`)
		e.chatHandle(&r.Handle)
		e.name(`"is_me":`)
		e.boolean(r.IsMe)
		e.name(`"type":`)
		e.text(r.Type)
		e.name(`"custom_emoji":`)
		if r.CustomEmoji == nil {
			e.null()
		} else {
			e.text(*r.CustomEmoji)
		}
		e.name(`"sticker":`)
		e.sticker(r.Sticker)
		e.close('}')
	}
	e.close(']')
}

func (e *encoder) sticker(s *Sticker) {
	if s == nil {
		e.null()
		return
	}
	e.open('{')
	e.textIfAny(`"file_name":`, s.FileName)
	e.integerIfAny(`"height":`, s.Height)
	e.textIfAny(`"mime_type":`, s.MimeType)
	e.textIfAny(`"url":`, s.URL)
	e.integerIfAny(`"width":`, s.Width)
	e.close('}')
}

// textIfAny appends a member unless it is empty.
func (e *encoder) textIfAny(quoted, s string) {
	if s != "" {
		e.name(quoted)
		e.text(s)
	}
}

// integerIfAny appends a member unless it is 0.
func (e *encoder) integerIfAny(quoted string, n int64) {
	if n != 0 {
		e.name(quoted)
		e.integer(n)
	}
}
