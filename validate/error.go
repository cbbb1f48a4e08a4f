package validate

import (
	"errors"
	"strconv"
	"strings"

	"github.com/fromline/fromline/message"
)

// MaxViolations is how many violations an [*Error] holds at most, before the marker that there are more (docs/rules.md §2).
const MaxViolations = 64

// Error is everything that is wrong with a request, in the order of docs/rules.md §2. It is always used as a pointer.
//
// Error() is safe to log: it shows rules and counts, nothing that the sender wrote.
type Error struct {
	// Violations holds at least one and at most [MaxViolations] faults, and behind them, if there are more, one of the rule [RuleMore].
	Violations []Violation
}

// Primary returns the violation that decides the status, code and message of the answer: the first with status 400, or the first of all. If one is left out
// of the list, one with status 400 is in it, since at most 52 faults of a request can have another status.
func (e *Error) Primary() Violation {
	for _, v := range e.Violations {
		if v.Rule != RuleMore && v.Status() == 400 {
			return v
		}
	}
	return e.Violations[0]
}

// Error names the primary rule and its place in the list.
func (e *Error) Error() string {
	var b strings.Builder
	primary := e.Primary()
	b.WriteString("validate: ")
	b.WriteString(string(primary.Rule))
	b.WriteString(" (code ")
	b.WriteString(primary.Code.String())
	b.WriteString(")")
	if n := len(e.Violations); n > 1 {
		b.WriteString(", one of ")
		if e.Violations[n-1].Rule == RuleMore {
			n--
			b.WriteString("more than ")
		}
		b.WriteString(strconv.Itoa(n))
		b.WriteString(" faults")
	}
	return b.String()
}

// Envelope returns the body of the answer. The base of the documentation is put before each [Code.DocPath]; both it and the trace id may be empty.
func (e *Error) Envelope(docBase, traceID string) message.ErrorEnvelope {
	primary := e.Primary()
	body := message.ErrorBody{
		Status:     primary.Status(),
		Code:       int(primary.Code),
		Message:    primary.Code.Message(),
		DocURL:     docBase + primary.Code.DocPath(),
		Violations: make([]message.Violation, len(e.Violations)),
	}
	for i, v := range e.Violations {
		body.Violations[i] = v.Wire()
	}
	return message.ErrorEnvelope{Error: body, TraceID: traceID}
}

// DecodeFault returns the error of [message.DecodeRequest] as an [*Error] with its one violation of code 1003, and nil for any other error.
func DecodeFault(err error) *Error {
	d, ok := errors.AsType[*message.DecodeError](err)
	if !ok {
		return nil
	}
	return &Error{Violations: []Violation{{
		Pointer: d.Pointer, Rule: Rule(d.Rule), Code: CodeBody, Found: d.Offset, Value: d.Got, Nearest: d.Want,
	}}}
}
