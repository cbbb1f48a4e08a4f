package response

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/internal/appendjson"
	"github.com/fromline/fromline/message"
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
	e := encoder{appendjson.Encoder{B: slices.Grow(b, size)}}
	e.response(r)
	return e.done(b)
}

// MarshalJSON returns what [Response.AppendJSON] appends.
func (r *Response) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

func (e *encoder) response(r *Response) {
	e.Raw(`{"chat_id":`)
	e.ID(r.ChatID)
	e.Raw(`,"created_new_chat":`)
	e.Boolean(r.CreatedNewChat)
	e.Raw(`,"from":`)
	e.Text(r.From)
	e.Raw(`,"from_selection":{"reason":`)
	e.Text(r.FromSelection.Reason)
	e.Raw(`,"reused_existing_chat":`)
	e.Boolean(r.FromSelection.ReusedExistingChat)
	e.Raw(`},"handles":[`)
	last := len(e.B)
	for i := range r.Handles {
		e.Next()
		last = len(e.B)
		e.chatHandle(&r.Handles[i])
	}
	lastHandle := e.B[last:len(e.B):len(e.B)]
	e.Raw(`],"is_group":`)
	e.Boolean(r.IsGroup)
	e.Raw(`,"message":`)
	e.sent(r, lastHandle)
	e.Raw(`,"service":`)
	e.service(r.Service)
	e.Raw(`,"previous_chat_id":`)
	if r.PreviousChatID == (uuid.UUID{}) {
		e.Null()
	} else {
		e.ID(r.PreviousChatID)
	}
	e.Raw(`}`)
}

func (e *encoder) chatHandle(h *ChatHandle) {
	e.Raw(`{"id":`)
	e.ID(h.ID)
	e.Raw(`,"handle":`)
	e.Text(h.Handle)
	e.Raw(`,"joined_at":`)
	e.time(h.JoinedAt)
	e.Raw(`,"service":`)
	e.service(h.Service)
	e.Raw(`,"is_me":`)
	e.Boolean(h.IsMe)
	e.Raw(`,"left_at":`)
	e.time(h.LeftAt)
	e.Raw(`,"status":`)
	if h.Status == "" {
		e.Null()
	} else {
		e.Text(h.Status)
	}
	e.Raw(`}`)
}

// sent appends the message. The handle that it is from is mostly the last of all, whose JSON is given.
func (e *encoder) sent(r *Response, lastHandle []byte) {
	m := &r.Message
	e.Raw(`{"id":`)
	e.ID(m.ID)
	e.Raw(`,"created_at":`)
	e.time(m.CreatedAt)
	e.Raw(`,"delivery_status":`)
	e.Text(m.DeliveryStatus)
	e.Raw(`,"is_read":`)
	e.Boolean(m.IsRead)
	e.Raw(`,"parts":[`)
	for _, part := range m.Parts {
		e.responsePart(part)
	}
	e.Raw(`],"sent_at":`)
	e.time(m.SentAt)
	e.Raw(`,"delivered_at":`)
	e.time(m.DeliveredAt)
	e.Raw(`,"effect":`)
	if m.Effect == nil {
		e.Null()
	} else {
		e.Open('{')
		e.textIfAny(`"name":`, m.Effect.Name)
		e.textIfAny(`"type":`, m.Effect.Type)
		e.Close('}')
	}
	e.Raw(`,"from_handle":`)
	switch n := len(r.Handles); {
	case m.FromHandle == nil:
		e.Null()
	case n > 0 && *m.FromHandle == r.Handles[n-1]:
		e.B = append(e.B, lastHandle...)
	default:
		e.chatHandle(m.FromHandle)
	}
	e.Raw(`,"preferred_service":`)
	e.service(m.PreferredService)
	e.Raw(`,"reply_to":`)
	if m.ReplyTo == nil {
		e.Null()
	} else {
		e.Raw(`{"message_id":`)
		e.ID(m.ReplyTo.MessageID)
		e.Raw(`,"part_index":`)
		e.Integer(m.ReplyTo.PartIndex)
		e.Raw(`}`)
	}
	e.Raw(`,"service":`)
	e.service(m.Service)
	e.Raw(`}`)
}

func (e *encoder) responsePart(part ResponsePart) {
	e.Open('{')
	switch p := part.(type) {
	case *TextResponse:
		e.reactions()
		e.Raw(`,"type":"text","value":`)
		e.Text(p.Value)
		if len(p.TextDecorations) > 0 {
			e.decorations(p.TextDecorations)
		}
		e.OptionalText(`"mention":`, p.Mention)
		e.OptionalIntegers(`"mention_range":`, p.MentionRange)
		e.mentions(p.Mentions)
		e.sentStickers(p.InlineStickers)
	case *MediaResponse:
		e.Raw(`"id":`)
		e.ID(p.ID)
		e.Raw(`,"filename":`)
		e.Text(p.Filename)
		e.Raw(`,"mime_type":`)
		e.Text(p.MimeType)
		e.reactions()
		e.Raw(`,"size_bytes":`)
		e.Integer(p.SizeBytes)
		e.Raw(`,"type":"media","url":`)
		e.Text(p.URL)
	case *LinkResponse:
		e.reactions()
		e.Raw(`,"type":"link","value":`)
		e.Text(p.Value)
	case *AppClipResponse:
		e.reactions()
		e.Raw(`,"type":"app_clip","value":`)
		e.Text(p.Value)
	case *AppCardResponse:
		if p.App != nil {
			e.Name(`"app":`)
			e.app(p.App)
		}
		if p.Layout != nil {
			e.Name(`"layout":`)
			e.layout(p.Layout)
		}
		e.reactions()
		e.Raw(`,"type":"imessage_app","url":`)
		e.Text(p.URL)
		e.OptionalText(`"fallback_text":`, p.FallbackText)
	}
	e.Close('}')
}

// reactions appends the member reactions: a message that is being sent has none.
func (e *encoder) reactions() { e.Name(`"reactions":[]`) }

// textIfAny appends a member unless it is empty.
func (e *encoder) textIfAny(quoted, s string) {
	if s != "" {
		e.Name(quoted)
		e.Text(s)
	}
}

func (e *encoder) mentions(list []Mention) {
	if len(list) == 0 {
		return
	}
	e.Name(`"mentions":`)
	e.Open('[')
	for i := range list {
		e.Open('{')
		e.Name(`"handle":`)
		e.Text(list[i].Handle)
		e.Name(`"is_me":`)
		e.Boolean(list[i].IsMe)
		e.OptionalIntegers(`"range":`, list[i].Range)
		e.Close('}')
	}
	e.Close(']')
}

func (e *encoder) sentStickers(list []SentSticker) {
	if len(list) == 0 {
		return
	}
	e.Name(`"inline_stickers":`)
	e.Open('[')
	for i := range list {
		s := &list[i]
		e.Open('{')
		e.OptionalIntegers(`"range":`, s.Range)
		if s.ID != (uuid.UUID{}) {
			e.Name(`"id":`)
			e.ID(s.ID)
		}
		e.textIfAny(`"file_name":`, s.FileName)
		e.textIfAny(`"mime_type":`, s.MimeType)
		e.textIfAny(`"url":`, s.URL)
		e.Close('}')
	}
	e.Close(']')
}

// encoder appends the JSON of responses.
type encoder struct{ appendjson.Encoder }

// done returns what was appended, or before and the error.
func (e *encoder) done(before []byte) ([]byte, error) {
	b, err := e.Done(before)
	if err != nil {
		err = fmt.Errorf("routing: the response has no JSON form: %w", err)
	}
	return b, err
}

func (e *encoder) time(t message.Timestamp) {
	if t.IsZero() {
		e.Null()
		return
	}
	e.Next()
	b, err := t.AppendText(append(e.B, '"'))
	if err != nil {
		e.Fail("%w", err)
		return
	}
	e.B = append(b, '"')
}

// service appends a service, null for the zero one.
func (e *encoder) service(s message.Service) {
	if s == 0 {
		e.Null()
		return
	}
	e.Next()
	b, err := s.AppendText(append(e.B, '"'))
	if err != nil {
		e.Fail("%w", err)
		return
	}
	e.B = append(b, '"')
}

func (e *encoder) app(a *message.App) {
	e.Open('{')
	e.OptionalText(`"name":`, a.Name)
	e.OptionalText(`"bundle_id":`, a.BundleID)
	e.OptionalText(`"team_id":`, a.TeamID)
	e.OptionalInteger(`"app_store_id":`, a.AppStoreID)
	e.Close('}')
}

func (e *encoder) layout(l *message.Layout) {
	e.Open('{')
	e.OptionalText(`"caption":`, l.Caption)
	e.OptionalText(`"subcaption":`, l.Subcaption)
	e.OptionalText(`"trailing_caption":`, l.TrailingCaption)
	e.OptionalText(`"trailing_subcaption":`, l.TrailingSubcaption)
	e.OptionalText(`"image_url":`, l.ImageURL)
	e.OptionalText(`"image_title":`, l.ImageTitle)
	e.OptionalText(`"image_subtitle":`, l.ImageSubtitle)
	e.Close('}')
}

// decorations appends the member text_decorations.
func (e *encoder) decorations(list []message.Decoration) {
	e.Name(`"text_decorations":`)
	e.Open('[')
	for i := range list {
		e.Open('{')
		e.OptionalIntegers(`"range":`, list[i].Range)
		e.OptionalText(`"animation":`, list[i].Animation)
		e.OptionalText(`"style":`, list[i].Style)
		e.Close('}')
	}
	e.Close(']')
}
