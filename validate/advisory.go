package validate

import "github.com/fromline/fromline/fault"

import "log/slog"

// Advisory names something legal that the sender may not have intended. Package
// routing adds advisories with rules of its own.
type Advisory struct {
	Pointer string     // the value that it is about, as an RFC 6901 JSON pointer into the body; "" is the whole send
	Rule    fault.Rule // stable

	// For the advisories of this package about ranges: the range [Start, End)
	// in UTF-16 code units. Otherwise 0.
	Start, End int64
}

// LogValue gives the place and the rule.
func (a Advisory) LogValue() slog.Value {
	return slog.GroupValue(slog.String("pointer", a.Pointer), slog.String("rule", string(a.Rule)))
}
