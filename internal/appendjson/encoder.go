// Package appendjson appends JSON to a buffer without reflection, and without
// an allocation if the buffer has room.
package appendjson

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// Encoder appends JSON to B. Err keeps its first error. The zero Encoder is
// ready for use. It is not safe for concurrent use.
type Encoder struct {
	B   []byte
	Err error
}

// Fail sets Err, unless it is set.
func (e *Encoder) Fail(format string, args ...any) {
	if e.Err == nil {
		e.Err = fmt.Errorf(format, args...)
	}
}

// Done returns B, or before and the error if there is one.
func (e *Encoder) Done(before []byte) ([]byte, error) {
	if e.Err != nil {
		return before, e.Err
	}
	return e.B, nil
}

// Next prepares for a value or member: it appends a comma unless the value is
// the first of its array or object.
func (e *Encoder) Next() {
	if n := len(e.B); n > 0 {
		switch e.B[n-1] {
		case '{', '[', ':':
		default:
			e.B = append(e.B, ',')
		}
	}
}

// Raw appends JSON as it is, without a comma before it: for members that are
// always present.
func (e *Encoder) Raw(json string) { e.B = append(e.B, json...) }

// Open opens an object or array.
func (e *Encoder) Open(c byte) { e.Next(); e.B = append(e.B, c) }

// Close closes an object or array.
func (e *Encoder) Close(c byte) { e.B = append(e.B, c) }

// Name appends the name of a member, given as `"name":`.
func (e *Encoder) Name(quoted string) {
	e.Next()
	e.B = append(e.B, quoted...)
}

// Text appends a string.
func (e *Encoder) Text(s string) {
	e.Next()
	b, err := jsontext.AppendQuote(e.B, s)
	if err != nil && e.Err == nil {
		e.Err = fmt.Errorf("the string that begins with %s has no JSON form: %w", strconv.Quote(s[:min(len(s), 20)]), err)
	}
	e.B = b
}

// Integer appends an integer.
func (e *Encoder) Integer(n int64) {
	e.Next()
	e.B = strconv.AppendInt(e.B, n, 10)
}

// Boolean appends true or false.
func (e *Encoder) Boolean(v bool) {
	e.Next()
	e.B = strconv.AppendBool(e.B, v)
}

// Null appends null.
func (e *Encoder) Null() {
	e.Next()
	e.B = append(e.B, "null"...)
}

// ID appends a UUID.
func (e *Encoder) ID(id uuid.UUID) {
	e.Next()
	text := [38]byte{0: '"', 9: '-', 14: '-', 19: '-', 24: '-', 37: '"'}
	hex.Encode(text[1:], id[:4])
	hex.Encode(text[10:], id[4:6])
	hex.Encode(text[15:], id[6:8])
	hex.Encode(text[20:], id[8:10])
	hex.Encode(text[25:], id[10:])
	e.B = append(e.B, text[:]...)
}

// OptionalText appends a member unless s is nil.
func (e *Encoder) OptionalText(quoted string, s *string) {
	if s != nil {
		e.Name(quoted)
		e.Text(*s)
	}
}

// OptionalInteger appends a member unless n is nil.
func (e *Encoder) OptionalInteger(quoted string, n *int64) {
	if n != nil {
		e.Name(quoted)
		e.Integer(*n)
	}
}

// OptionalBoolean appends a member unless v is nil.
func (e *Encoder) OptionalBoolean(quoted string, v *bool) {
	if v != nil {
		e.Name(quoted)
		e.Boolean(*v)
	}
}

// OptionalTexts appends a member with an array unless list is nil.
func (e *Encoder) OptionalTexts(quoted string, list []string) {
	if list == nil {
		return
	}
	e.Name(quoted)
	e.Open('[')
	for _, s := range list {
		e.Text(s)
	}
	e.Close(']')
}

// OptionalIntegers appends a member with an array unless list is nil.
func (e *Encoder) OptionalIntegers(quoted string, list []int64) {
	if list == nil {
		return
	}
	e.Name(quoted)
	e.Open('[')
	for _, n := range list {
		e.Integer(n)
	}
	e.Close(']')
}
