package fault

import (
	"strconv"
	"strings"
)

// Max is how many faults an [*Error] holds at most, before the marker that
// there are more (docs/rules.md §2).
const Max = 64

// Error is everything that is wrong with a request, in the order of
// docs/rules.md §2. It is always used as a pointer.
//
// Error() is safe to log: it shows places, rules and counts, and of what the
// sender wrote names of members only.
type Error struct {
	// Faults holds at least one and at most [Max] faults, and behind them, if
	// there are more, one of the rule [RuleMore].
	Faults []Fault
}

// Primary returns the fault that decides the status, code and message of the
// answer: the first with status 400, or the first of all. If one is left out of
// the list, one with status 400 is in it, since at most 52 faults of a request
// can have another status.
//
// Of an Error without faults, which should not be made, it is a fault of the
// server.
func (e *Error) Primary() Fault {
	if len(e.Faults) == 0 {
		return Fault{Code: CodeInternal}
	}
	for _, v := range e.Faults {
		if v.Rule != RuleMore && v.Status() == 400 {
			return v
		}
	}
	return e.Faults[0]
}

// Error says what the deciding fault is, in words, where, and how many there
// are.
func (e *Error) Error() string {
	var b strings.Builder
	primary := e.Primary()
	b.WriteString("fault: ")
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
	if n := len(e.Faults); n > 1 {
		b.WriteString(", one of ")
		if e.Faults[n-1].Rule == RuleMore {
			n--
			b.WriteString("more than ")
		}
		b.WriteString(strconv.Itoa(n))
		b.WriteString(" faults")
	}
	return b.String()
}

// withoutValues returns v without what the sender wrote, for logs. The values
// of a member that is missing or has the wrong type are names of members and of
// types.
func (v Fault) withoutValues() Fault {
	if v.Rule == RuleMissing || v.Rule == RuleJSONType {
		return v
	}
	v.Hint = strings.TrimSuffix(v.Hint, ": "+v.Nearest)
	v.Nearest, v.Detail = "", ""
	if v.Value != "" {
		v.Value = "…"
	}
	return v
}

// title returns what stands in error.message: the default message of the code,
// and for codes that have many causes what is wrong, in words, and where.
func (v Fault) title() string {
	title := v.Code.Message()
	switch v.Code {
	case CodeMissing, CodeStructure, CodeValue, CodeCard, CodeNotAllowed, CodeFeature, CodeOptedOut, CodeBlocked:
	default:
		return title
	}
	if words := v.Message(); words != title {
		title += ": " + words
	}
	if v.Pointer != "" {
		title += " (at " + v.Pointer + ")"
	}
	return title
}

// Envelope returns the body of the answer. The base of the documentation is put
// before each [Code.DocPath]; both it and the trace id may be empty.
func (e *Error) Envelope(docBase, traceID string) Envelope {
	primary := e.Primary()
	answer := Answer(primary.Code, docBase, traceID)
	answer.Error.Message = primary.title()
	answer.Error.Violations = make([]WireFault, len(e.Faults))
	for i, v := range e.Faults {
		answer.Error.Violations[i] = v.Wire()
	}
	return answer
}

// Answer returns the body that answers a code of which nothing more is told.
// The base of the documentation is put before [Code.DocPath]; both it and the
// trace id may be empty.
func Answer(code Code, docBase, traceID string) Envelope {
	return Envelope{
		Error:   Body{Status: code.Status(), Code: int(code), Message: code.Message(), DocURL: docBase + code.DocPath()},
		TraceID: traceID,
	}
}
