package fault

import (
	"log/slog"
)

// Fault is one fault of a request: where, which rule, and the values involved.
// It is a comparable value.
//
// Value, Nearest and Message may show what the sender wrote, handles among it,
// and are meant for the sender. For logs pass the fault to log/slog, which
// writes the place and the rule only.
type Fault struct {
	Pointer string // the value at fault, as an RFC 6901 JSON pointer into the body; "" is the whole body
	Header  string // the request header at fault, instead of a value in the body; mostly ""
	Rule    Rule   // stable
	Code    Code

	// What the rule allows and what was found, in the unit of the rule. Which
	// of them mean something depends on the rule, see [Rule.HasMin] and the
	// others.
	Min, Max, Found int64

	Value   string // what was found, or its beginning; "" if the rule has no use for it
	Nearest string // what was probably meant; "" if there is no sure guess

	// Known are the names that the value could have had, as [OneOf] writes them;
	// "" for every other rule than [RuleEnum].
	Known string

	// Hint is how to mend a handle, as the package recipients says it; "" for
	// every other fault.
	Hint string

	// Detail is what is wrong, in words, where that is no text of the rule; ""
	// for every other fault.
	Detail string
}

// Status returns the HTTP status of the fault's code.
func (v Fault) Status() int { return v.Code.Status() }

// Wire returns the fault as it stands in the body of an answer.
func (v Fault) Wire() WireFault {
	w := WireFault{
		Pointer: v.Pointer, Header: v.Header, Rule: string(v.Rule), Code: int(v.Code), Status: v.Status(), Message: v.Message(),
		Value: v.Value, Nearest: v.Nearest,
	}
	info := v.Rule.info()
	if info.min {
		w.Min = &v.Min
	}
	if info.max {
		w.Max = &v.Max
	}
	if info.found {
		w.Found = &v.Found
	}
	return w
}

// LogValue gives the place, the rule and the code, and nothing that the sender
// wrote but names of members.
func (v Fault) LogValue() slog.Value {
	return slog.GroupValue(slog.String("pointer", v.Pointer), slog.String("rule", string(v.Rule)), slog.Int("code", int(v.Code)))
}
