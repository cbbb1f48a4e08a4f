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
// Error() is safe to log: it shows places, rules and counts, and of what the sender wrote names of members only.
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

// Error says what the deciding fault is, in words, where, and how many there are.
func (e *Error) Error() string {
	var b strings.Builder
	primary := e.Primary()
	b.WriteString("validate: ")
	if primary.Pointer != "" {
		b.WriteString(primary.Pointer)
		b.WriteString(": ")
	}
	b.WriteString(primary.withoutValues().Message())
	b.WriteString(" (")
	b.WriteString(string(primary.Rule))
	b.WriteString(", code ")
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

// withoutValues returns v without what the sender wrote, for logs.
func (v Violation) withoutValues() Violation {
	v.Hint = strings.TrimSuffix(v.Hint, ": "+v.Nearest)
	v.Nearest = ""
	if v.Value != "" {
		v.Value = "…"
	}
	return v
}

// title returns what stands in error.message: the default message of the code, and for codes that have many causes what is wrong, in words, and where.
func (v Violation) title() string {
	title := v.Code.Message()
	switch v.Code {
	case CodeMissing, CodeStructure, CodeValue, CodeCard:
	default:
		return title
	}
	words := strings.TrimPrefix(v.Message(), title)
	words = strings.TrimPrefix(words, ": ")
	if words != "" {
		title += ": " + words
	}
	if v.Pointer != "" {
		title += " (at " + v.Pointer + ")"
	}
	return title
}

// Envelope returns the body of the answer. The base of the documentation is put before each [Code.DocPath]; both it and the trace id may be empty.
func (e *Error) Envelope(docBase, traceID string) message.ErrorEnvelope {
	primary := e.Primary()
	body := message.ErrorBody{
		Status:     primary.Status(),
		Code:       int(primary.Code),
		Message:    primary.title(),
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
