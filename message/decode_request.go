package message

import "github.com/go-json-experiment/json/jsontext"

func (r *Request) keep(m Member)      { r.Unknown = append(r.Unknown, m) }
func (c *Content) keep(m Member)      { c.Unknown = append(c.Unknown, m) }
func (c *Continuation) keep(m Member) { c.Unknown = append(c.Unknown, m) }
func (e *Effect) keep(m Member)       { e.Unknown = append(e.Unknown, m) }
func (r *ReplyTo) keep(m Member)      { r.Unknown = append(r.Unknown, m) }

func (r *Request) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "to":
		return true, d.texts(&r.To)
	case "message":
		return true, into(d, &r.Message, func() *Content { return takeOr(&d.content) })
	case "continuation_message":
		return true, optional(d, &r.ContinuationMessage)
	case "exclude_from":
		return true, d.texts(&r.ExcludeFrom)
	case "override_optout":
		return true, d.boolean(&r.OverrideOptOut)
	}
	return false, nil
}

func (c *Content) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "parts":
		return true, d.parts(&c.Parts)
	case "effect":
		return true, optional(d, &c.Effect)
	case "reply_to":
		return true, optional(d, &c.ReplyTo)
	case "preferred_service":
		return true, d.text(&c.PreferredService)
	case "idempotency_key":
		return true, d.text(&c.IdempotencyKey)
	}
	return false, nil
}

func (c *Continuation) member(d *decoder, name []byte) (bool, error) {
	if string(name) == "text" {
		return true, d.text(&c.Text)
	}
	return false, nil
}

func (e *Effect) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "type":
		return true, d.text(&e.Type)
	case "name":
		return true, d.text(&e.Name)
	}
	return false, nil
}

func (r *ReplyTo) member(d *decoder, name []byte) (bool, error) {
	switch string(name) {
	case "message_id":
		return true, d.text(&r.MessageID)
	case "part_index":
		return true, d.integer(&r.PartIndex)
	}
	return false, nil
}

// optional reads an object into *to; null leaves it nil.
func optional[T any, P interface {
	*T
	object
}](d *decoder, to *P) error {
	return into(d, to, func() P { return new(T) })
}

// into reads an object into a new place and points *to at it; null leaves it
// nil.
func into[P object](d *decoder, to *P, place func() P) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	*to = place()
	return d.object(*to)
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
	list := make([]T, 0, 4)
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

// element reads the start of an object that is an element of an array.
func (d *decoder) element() error {
	if d.dec.PeekKind() == jsontext.KindBeginObject {
		if _, err := d.dec.ReadToken(); err != nil {
			return err
		}
		return d.spend()
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	return d.fault(elementRule(raw), raw, "an object")
}
