package message

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// DecodeResponse reads the body of a 202. Members that are not known are ignored, since a server may add some; parts of a type that is not known are an error.
// Times are brought to UTC and whole milliseconds. The error is a [*DecodeError].
func DecodeResponse(body []byte) (*Response, error) {
	r := new(Response)
	return r, decodeRoot(body, r, room{})
}

// UnmarshalJSON is [DecodeResponse], for use by the JSON libraries.
func (r *Response) UnmarshalJSON(body []byte) error {
	*r = Response{}
	return decodeRoot(body, r, room{})
}

func (*Response) keep(Member)        {}
func (*FromSelection) keep(Member)   {}
func (*ChatHandle) keep(Member)      {}
func (*SentMessage) keep(Member)     {}
func (*SentEffect) keep(Member)      {}
func (*SentReplyTo) keep(Member)     {}
func (*Reaction) keep(Member)        {}
func (*Sticker) keep(Member)         {}
func (*TextResponse) keep(Member)    {}
func (*MediaResponse) keep(Member)   {}
func (*LinkResponse) keep(Member)    {}
func (*AppCardResponse) keep(Member) {}
func (*AppClipResponse) keep(Member) {}

func (r *Response) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "chat_id":
		return true, d.id(&r.ChatID)
	case "created_new_chat":
		return true, d.flag(&r.CreatedNewChat)
	case "from":
		return true, d.string(&r.From)
	case "from_selection":
		return true, d.object(&r.FromSelection)
	case "handles":
		return true, list[ChatHandle](d, &r.Handles)
	case "is_group":
		return true, d.flag(&r.IsGroup)
	case "message":
		return true, d.object(&r.Message)
	case "service":
		return true, d.service(&r.Service)
	case "previous_chat_id":
		return true, d.id(&r.PreviousChatID)
	}
	return false, nil
}

func (f *FromSelection) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "reason":
		return true, d.string(&f.Reason)
	case "reused_existing_chat":
		return true, d.flag(&f.ReusedExistingChat)
	}
	return false, nil
}

func (h *ChatHandle) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "id":
		return true, d.id(&h.ID)
	case "handle":
		return true, d.string(&h.Handle)
	case "joined_at":
		return true, d.time(&h.JoinedAt)
	case "service":
		return true, d.service(&h.Service)
	case "is_me":
		return true, d.flag(&h.IsMe)
	case "left_at":
		return true, d.time(&h.LeftAt)
	case "status":
		return true, d.string(&h.Status)
	}
	return false, nil
}

func (m *SentMessage) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "id":
		return true, d.id(&m.ID)
	case "created_at":
		return true, d.time(&m.CreatedAt)
	case "delivery_status":
		return true, d.string(&m.DeliveryStatus)
	case "is_read":
		return true, d.flag(&m.IsRead)
	case "parts":
		return true, d.responseParts(&m.Parts)
	case "sent_at":
		return true, d.time(&m.SentAt)
	case "delivered_at":
		return true, d.time(&m.DeliveredAt)
	case "effect":
		return true, optional(d, &m.Effect)
	case "from_handle":
		return true, optional(d, &m.FromHandle)
	case "preferred_service":
		return true, d.service(&m.PreferredService)
	case "reply_to":
		return true, optional(d, &m.ReplyTo)
	case "service":
		return true, d.service(&m.Service)
	}
	return false, nil
}

func (f *SentEffect) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "name":
		return true, d.string(&f.Name)
	case "type":
		return true, d.string(&f.Type)
	}
	return false, nil
}

func (r *SentReplyTo) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "message_id":
		return true, d.id(&r.MessageID)
	case "part_index":
		return true, d.count(&r.PartIndex)
	}
	return false, nil
}

func (r *Reaction) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "handle":
		return true, d.object(&r.Handle)
	case "is_me":
		return true, d.flag(&r.IsMe)
	case "type":
		return true, d.string(&r.Type)
	case "custom_emoji":
		return true, d.text(&r.CustomEmoji)
	case "sticker":
		return true, optional(d, &r.Sticker)
	}
	return false, nil
}

func (s *Sticker) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "file_name":
		return true, d.string(&s.FileName)
	case "height":
		return true, d.count(&s.Height)
	case "mime_type":
		return true, d.string(&s.MimeType)
	case "url":
		return true, d.string(&s.URL)
	case "width":
		return true, d.count(&s.Width)
	}
	return false, nil
}

func (p *TextResponse) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "reactions":
		return true, list[Reaction](d, &p.Reactions)
	case "value":
		return true, d.string(&p.Value)
	case "text_decorations":
		return true, d.decorations(&p.TextDecorations)
	}
	return false, nil
}

func (p *MediaResponse) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "reactions":
		return true, list[Reaction](d, &p.Reactions)
	case "id":
		return true, d.id(&p.ID)
	case "filename":
		return true, d.string(&p.Filename)
	case "mime_type":
		return true, d.string(&p.MimeType)
	case "size_bytes":
		return true, d.count(&p.SizeBytes)
	case "url":
		return true, d.string(&p.URL)
	}
	return false, nil
}

func (p *LinkResponse) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "reactions":
		return true, list[Reaction](d, &p.Reactions)
	case "value":
		return true, d.string(&p.Value)
	}
	return false, nil
}

func (p *AppClipResponse) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "reactions":
		return true, list[Reaction](d, &p.Reactions)
	case "value":
		return true, d.string(&p.Value)
	}
	return false, nil
}

func (p *AppCardResponse) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "reactions":
		return true, list[Reaction](d, &p.Reactions)
	case "app":
		return true, optional(d, &p.App)
	case "layout":
		return true, optional(d, &p.Layout)
	case "url":
		return true, d.string(&p.URL)
	case "fallback_text":
		return true, d.text(&p.FallbackText)
	}
	return false, nil
}

// list reads an array of objects; null leaves *to nil.
func list[T any, P interface {
	*T
	object
}](d *decoder, to *[]T) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if err := d.open(jsontext.KindBeginArray, "an array of objects"); err != nil {
		return err
	}
	list := []T{}
	for d.dec.PeekKind() != jsontext.KindEndArray {
		if err := d.element(); err != nil {
			return err
		}
		var value T
		list = append(list, value)
		if err := d.members(P(&list[len(list)-1])); err != nil {
			return err
		}
	}
	*to = list
	_, err := d.dec.ReadToken()
	return err
}

// string reads a string; null is "".
func (d *decoder) string(to *string) error {
	var s *string
	err := d.text(&s)
	if s != nil {
		*to = *s
	}
	return err
}

// flag reads a boolean; null is false.
func (d *decoder) flag(to *bool) error {
	var v *bool
	err := d.boolean(&v)
	*to = v != nil && *v
	return err
}

// count reads an integer; null is 0.
func (d *decoder) count(to *int64) error {
	var n *int64
	err := d.integer(&n)
	if n != nil {
		*to = *n
	}
	return err
}

// formatted reads a string that parse must accept; null is left out.
func (d *decoder) formatted(want string, parse func(string) error) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case jsontext.KindNull:
		return nil
	case jsontext.KindString:
		text, err := unquote(raw)
		if err == nil && parse(string(text)) != nil {
			err = d.fault(RuleFormat, raw, want)
		}
		return err
	}
	return d.fault(RuleType, raw, "a string")
}

// id reads a UUID; null is the zero one.
func (d *decoder) id(to *uuid.UUID) error {
	return d.formatted("a UUID", func(s string) (err error) { *to, err = uuid.Parse(s); return })
}

// time reads an RFC 3339 time; null is the zero one.
func (d *decoder) time(to *Timestamp) error {
	return d.formatted("an RFC 3339 time", func(s string) error {
		t, err := time.Parse(time.RFC3339, s)
		*to = At(t)
		return err
	})
}

// service reads a service; null is the zero one.
func (d *decoder) service(to *Service) error {
	return d.formatted("iMessage, RCS or SMS", func(s string) (err error) { *to, err = ParseService(s); return })
}
