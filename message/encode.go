package message

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// EncodeContent returns the one message to deliver as JSON: parts, effect, reply_to and preferred_service. The idempotency key and unknown members are left
// out: they are no part of what is said. [DecodeContent] reads it back. A string that is not UTF-8 and a part that is nil or unknown are errors.
func EncodeContent(c *Content) ([]byte, error) { return AppendContent(nil, c) }

// AppendContent appends what [EncodeContent] returns to b. On an error it returns b as it was.
func AppendContent(b []byte, c *Content) ([]byte, error) {
	size := 128
	for _, part := range c.Parts {
		if p, ok := part.(*TextPart); ok && p != nil && p.Value != nil {
			size += len(*p.Value) + 48*len(p.TextDecorations)
		}
		size += 96
	}
	e := encoder{b: slices.Grow(b, size)}
	e.content(c, false)
	return e.done(b)
}

// MarshalJSON returns the request as JSON, unknown members included, so that decoding it gives an equal request but for the header's key. It is an error if
// anything in the request has no JSON form: a string that is not UTF-8, a nil part, an unknown member that is no JSON or whose name is taken.
func (r *Request) MarshalJSON() ([]byte, error) {
	e := encoder{}
	e.request(r)
	return e.doneStrict()
}

// MarshalJSON returns the whole message of a request as JSON, as [Request.MarshalJSON] does. For delivery see [EncodeContent].
func (c *Content) MarshalJSON() ([]byte, error) {
	e := encoder{}
	e.content(c, true)
	return e.doneStrict()
}

// encoder appends JSON. Its first error sticks.
type encoder struct {
	b   []byte
	err error
}

// done returns what was appended, or before and the error.
func (e *encoder) done(before []byte) ([]byte, error) {
	if e.err != nil {
		return before, fmt.Errorf("message: %w", e.err)
	}
	return e.b, nil
}

// doneStrict is done for what may hold unknown members that a program made up.
func (e *encoder) doneStrict() ([]byte, error) {
	b, err := e.done(nil)
	if err == nil && !jsontext.Value(b).IsValid() {
		return nil, errors.New("message: an unknown member is not JSON, or has the name of another member")
	}
	return b, err
}

// next prepares for a value or member: a comma unless it is the first of its array or object.
func (e *encoder) next() {
	if n := len(e.b); n > 0 {
		switch e.b[n-1] {
		case '{', '[', ':':
		default:
			e.b = append(e.b, ',')
		}
	}
}

// raw appends JSON as it is given, commas included: where every member is always there.
func (e *encoder) raw(json string) { e.b = append(e.b, json...) }

func (e *encoder) open(c byte)  { e.next(); e.b = append(e.b, c) }
func (e *encoder) close(c byte) { e.b = append(e.b, c) }

// name appends the name of a member, given as `"name":`.
func (e *encoder) name(quoted string) {
	e.next()
	e.b = append(e.b, quoted...)
}

// text appends a string.
func (e *encoder) text(s string) {
	e.next()
	b, err := jsontext.AppendQuote(e.b, s)
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("the string that begins with %.20q has no JSON form: %w", s, err)
	}
	e.b = b
}

func (e *encoder) integer(n int64) {
	e.next()
	e.b = strconv.AppendInt(e.b, n, 10)
}

func (e *encoder) boolean(v bool) {
	e.next()
	e.b = strconv.AppendBool(e.b, v)
}

func (e *encoder) null() {
	e.next()
	e.b = append(e.b, "null"...)
}

// id appends a UUID.
func (e *encoder) id(id uuid.UUID) {
	e.next()
	text := [38]byte{0: '"', 9: '-', 14: '-', 19: '-', 24: '-', 37: '"'}
	hex.Encode(text[1:], id[:4])
	hex.Encode(text[10:], id[4:6])
	hex.Encode(text[15:], id[6:8])
	hex.Encode(text[20:], id[8:10])
	hex.Encode(text[25:], id[10:])
	e.b = append(e.b, text[:]...)
}

func (e *encoder) time(t Timestamp) {
	e.next()
	if !t.hasText() && e.err == nil {
		e.err = fmt.Errorf("year %d has no RFC 3339 form", t.Time().Year())
		return
	}
	e.b = t.appendJSON(e.b, true)
}

// service appends a service, null for the zero one.
func (e *encoder) service(s Service) {
	if s == 0 {
		e.null()
		return
	}
	if !s.IsValid() && e.err == nil {
		e.err = fmt.Errorf("%v has no JSON form", s)
	}
	e.next()
	e.b = append(append(append(e.b, '"'), s.String()...), '"')
}

// optionalText appends a member that may be absent.
func (e *encoder) optionalText(quoted string, s *string) {
	if s != nil {
		e.name(quoted)
		e.text(*s)
	}
}

func (e *encoder) optionalInteger(quoted string, n *int64) {
	if n != nil {
		e.name(quoted)
		e.integer(*n)
	}
}

func (e *encoder) optionalBoolean(quoted string, v *bool) {
	if v != nil {
		e.name(quoted)
		e.boolean(*v)
	}
}

func (e *encoder) optionalTexts(quoted string, list []string) {
	if list == nil {
		return
	}
	e.name(quoted)
	e.open('[')
	for _, s := range list {
		e.text(s)
	}
	e.close(']')
}

func (e *encoder) optionalIntegers(quoted string, list []int64) {
	if list == nil {
		return
	}
	e.name(quoted)
	e.open('[')
	for _, n := range list {
		e.integer(n)
	}
	e.close(']')
}

// unknown appends members as they were written.
func (e *encoder) unknown(list Members) {
	for _, m := range list {
		e.text(m.Name)
		e.b = append(e.b, ':')
		e.b = append(e.b, m.Value...)
	}
}
