package message

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/internal/appendjson"
)

// EncodeContent returns a message for delivery as JSON: parts, effect, reply_to
// and preferred_service. It leaves out the idempotency key and unknown members,
// because the network does not need them. [DecodeContent] reads it back. A
// string that is not UTF-8, and a part that is nil or unknown, are errors.
func EncodeContent(c *Content) ([]byte, error) { return AppendContent(nil, c) }

// AppendContent appends what [EncodeContent] returns to b. On an error it
// returns b as it was.
func AppendContent(b []byte, c *Content) ([]byte, error) {
	size := 128
	for _, part := range c.Parts {
		if p, ok := part.(*TextPart); ok && p != nil && p.Value != nil {
			size += len(*p.Value) + 48*len(p.TextDecorations)
		}
		size += 96
	}
	e := encoder{appendjson.Encoder{B: slices.Grow(b, size)}}
	e.content(c, false)
	return e.done(b)
}

// MarshalJSON returns the request as JSON, unknown members included, so that
// decoding it gives an equal request but for the header's key. It is an error
// if anything in the request has no JSON form: a string that is not UTF-8, a
// nil part, an unknown member that is no JSON or whose name is taken.
func (r *Request) MarshalJSON() ([]byte, error) {
	e := encoder{}
	e.request(r)
	return e.doneStrict()
}

// MarshalJSON returns the whole message of a request as JSON, as
// [Request.MarshalJSON] does. For delivery see [EncodeContent].
func (c *Content) MarshalJSON() ([]byte, error) {
	e := encoder{}
	e.content(c, true)
	return e.doneStrict()
}

// encoder appends the JSON of requests.
type encoder struct{ appendjson.Encoder }

// done returns what was appended, or before and the error.
func (e *encoder) done(before []byte) ([]byte, error) {
	b, err := e.Done(before)
	if err != nil {
		err = fmt.Errorf("message: %w", err)
	}
	return b, err
}

// doneStrict is done for what may hold unknown members that a program made up.
func (e *encoder) doneStrict() ([]byte, error) {
	b, err := e.done(nil)
	if err == nil && !jsontext.Value(b).IsValid() {
		return nil, errors.New("message: an unknown member is not JSON, or has the name of another member")
	}
	return b, err
}

// unknown appends members as they were written.
func (e *encoder) unknown(list Members) {
	for _, m := range list {
		e.Text(m.Name)
		e.B = append(e.B, ':')
		e.B = append(e.B, m.Value...)
	}
}
