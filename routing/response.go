package routing

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/internal/appendjson"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// AppendResponse appends the body that answers the send as JSON to b, with
// exactly the members of the endpoint's page (docs/rules.md §13), in its order.
// It is a function of the decision alone: a replay gives the same bytes as the
// first answer. A text that is not UTF-8, a service that is not one and a year
// that does not have four digits are errors, and give b back as it was. It is
// pure, and safe for concurrent use.
func (d *Decision) AppendResponse(b []byte) ([]byte, error) {
	e := appendjson.Encoder{B: slices.Grow(b, d.responseSize())}
	r := response{&e, d}
	r.append()
	b, err := e.Done(b)
	if err != nil {
		err = fmt.Errorf("routing: the response has no JSON form: %w", err)
	}
	return b, err
}

// responseSize is room enough for most answers.
func (d *Decision) responseSize() int {
	size := 1280 + 256*d.Roster.Len()
	for _, part := range d.Message.Parts {
		if p, is := part.(*message.TextPart); is {
			size += len(*p.Value) + 48*len(p.TextDecorations)
		}
		size += 256
	}
	return size
}

// response appends the answer of a decision. What an Encoder appends to lies on
// the heap, and with the Encoder in here the compiler would put the decision
// there too.
type response struct {
	*appendjson.Encoder
	*Decision
}

func (r *response) append() {
	set := r.Roster.Set()
	r.Raw(`{"chat_id":`)
	r.ID(r.ChatID)
	r.Raw(`,"created_new_chat":`)
	r.Boolean(r.OpensChat())
	r.Raw(`,"from":`)
	r.person(r.Line)
	r.Raw(`,"from_selection":{"reason":`)
	r.Text(r.Reason.String())
	r.Raw(`,"reused_existing_chat":`)
	r.Boolean(!r.OpensChat())
	r.Raw(`},"handles":[`)
	for i, h := range set.All() {
		r.handle(h, r.Roster.JoinedAt(i), false)
		r.Raw(`,`)
	}
	begin := len(r.B)
	r.handle(r.Line, r.Roster.Since(), true)
	line := r.B[begin:]
	r.Raw(`],"is_group":`)
	r.Boolean(set.IsGroup())
	r.Raw(`,"message":`)
	r.sent(line)
	r.Raw(`,"service":`)
	r.service(r.Service)
	r.Raw(`,"previous_chat_id":`)
	if r.PreviousChatID == uuid.Nil {
		r.Null()
	} else {
		r.ID(r.PreviousChatID)
	}
	r.Raw(`}`)
}

// handle appends a participant. Its id is the same in every answer about the
// chat.
func (r *response) handle(h recipients.Handle, joined time.Time, isMe bool) {
	r.Raw(`{"id":`)
	r.ID(HandleID(r.ChatID, h))
	r.Raw(`,"handle":`)
	r.person(h)
	r.Raw(`,"joined_at":`)
	r.time(joined)
	r.Raw(`,"service":`)
	r.service(r.Service)
	r.Raw(`,"is_me":`)
	r.Boolean(isMe)
	r.Raw(`,"left_at":null,"status":"active"}`)
}

// sent appends the message, from the line whose participant is given as JSON.
func (r *response) sent(line []byte) {
	m := r.Message
	r.Raw(`{"id":`)
	r.ID(r.MessageID)
	r.Raw(`,"created_at":`)
	r.time(r.At)
	r.Raw(`,"delivery_status":"pending","is_read":false,"parts":[`)
	r.parts()
	r.Raw(`],"sent_at":null,"delivered_at":null,"effect":`)
	r.effect(m.Effect)
	r.Raw(`,"from_handle":`)
	r.B = append(r.B, line...)
	r.Raw(`,"preferred_service":`)
	r.service(preferred(m))
	r.Raw(`,"reply_to":`)
	r.replyTo(m.ReplyTo)
	r.Raw(`,"service":null}`)
}

func (r *response) effect(e *message.Effect) {
	if e == nil {
		r.Null()
		return
	}
	r.Open('{')
	r.textIfAny(`"name":`, valueOf(e.Name))
	r.textIfAny(`"type":`, valueOf(e.Type))
	r.Close('}')
}

func (r *response) replyTo(to *message.ReplyTo) {
	if to == nil {
		r.Null()
		return
	}
	id, _ := uuid.Parse(*to.MessageID) // the rules want a UUID
	r.Raw(`{"message_id":`)
	r.ID(id)
	r.Raw(`,"part_index":`)
	r.Integer(valueOf(to.PartIndex))
	r.Raw(`}`)
}

// person appends the text of a handle.
func (r *response) person(h recipients.Handle) {
	if !h.IsPhone() {
		r.Text(h.String())
		return
	}
	r.Next()
	r.B = append(h.AppendTo(append(r.B, '"')), '"')
}

// time appends a time, null for the zero one.
func (r *response) time(t time.Time) {
	if message.At(t).IsZero() {
		r.Null()
		return
	}
	b, err := message.At(t).AppendText(append(r.B, '"'))
	r.quoted(b, err)
}

// service appends a service, null for the zero one.
func (r *response) service(s message.Service) {
	if s == 0 {
		r.Null()
		return
	}
	b, err := s.AppendText(append(r.B, '"'))
	r.quoted(b, err)
}

// quoted takes over what a text was appended to, behind its first quotation
// mark.
func (r *response) quoted(b []byte, err error) {
	if err != nil {
		r.Fail("%w", err)
		return
	}
	r.B = append(b, '"')
}

// textIfAny appends a member unless it is empty.
func (r *response) textIfAny(name, s string) {
	if s != "" {
		r.Name(name)
		r.Text(s)
	}
}

// valueOf returns what a pointer points to, and the zero value for nil.
func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// preferred returns the preferred service of a checked message, 0 without one.
func preferred(m *message.Content) message.Service {
	if m.PreferredService == nil {
		return 0
	}
	service, _ := message.ParseService(*m.PreferredService)
	return service
}
