package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/fault"
)

// DecodeError is the error of a body that cannot be decoded: the first fault,
// with wire code 1003. It is always used as a pointer.
//
// Error() shows no part of the body and no unknown member name, so it is safe
// to log. Pointer may hold such names.
type DecodeError struct {
	Rule    fault.Rule // the stable name of the rule that was broken
	Pointer string     // the faulty value, or the value that contains it, as an RFC 6901 JSON pointer; "" is the whole body
	Offset  int64      // the byte of the body at which the fault was found, from 0

	Want string // what was expected, such as "a string"; "" if the rule says it
	Got  string // the type that was found instead, such as "number"; "" if the rule says it

	err error
}

// Error names the rule and the place.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("message: %s at byte %d", e.Rule, e.Offset)
}

// Unwrap returns a [*fault.Error] with this one fault, of code 1003, and the
// error of the JSON library, if there was one.
func (e *DecodeError) Unwrap() []error {
	list := []error{&fault.Error{Faults: []fault.Fault{{
		Pointer: e.Pointer, Rule: e.Rule, Code: fault.CodeBody, Found: e.Offset, Value: e.Got, Nearest: e.Want,
	}}}}
	if e.err != nil {
		list = append(list, e.err)
	}
	return list
}

// Bounds of the pointer of a DecodeError. A deeper or longer pointer is cut to
// the innermost value within the bounds that holds the fault, so that a hostile
// body is not echoed.
const (
	maxPointerTokens = 32
	maxPointerBytes  = 512
)

// boundPointer cuts p to the bounds above, at the end of a token.
func boundPointer(p string) string {
	end, tokens := 0, 0
	for end < len(p) {
		next := strings.IndexByte(p[end+1:], '/')
		if next < 0 {
			next = len(p)
		} else {
			next += end + 1
		}
		if tokens++; tokens > maxPointerTokens || next > maxPointerBytes {
			return p[:end]
		}
		end = next
	}
	return p
}

// asDecodeError turns an error of decoding body into the error of this package.
func asDecodeError(err error, body []byte) *DecodeError {
	if e, ok := errors.AsType[*DecodeError](err); ok {
		e.Pointer = boundPointer(e.Pointer)
		return e
	}
	e := &DecodeError{Rule: fault.RuleJSONSyntax, Offset: int64(len(body)), err: err}
	var cause error
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		e.Offset, e.Pointer, cause = s.ByteOffset, string(s.JSONPointer), s.Err
	}
	rest := body[min(max(e.Offset, 0), int64(len(body))):]
	switch {
	case len(trimSpace(body)) == 0:
		e.Rule = fault.RuleJSONEmpty
	case cause == jsontext.ErrDuplicateName:
		e.Rule = fault.RuleJSONDuplicate
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Rule = fault.RuleJSONTruncated
	case startsInvalidUTF8(rest):
		e.Rule = fault.RuleJSONUTF8
	case bytes.HasPrefix(rest, []byte(`\u`)):
		e.Rule = fault.RuleJSONSurrogate
	}
	e.Pointer = boundPointer(e.Pointer)
	return e
}

// startsInvalidUTF8 reports whether the first character of b is not UTF-8.
func startsInvalidUTF8(b []byte) bool {
	r, size := utf8.DecodeRune(b)
	return r == utf8.RuneError && size == 1
}
