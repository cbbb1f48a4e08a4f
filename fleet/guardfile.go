package fleet

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fromline/fromline/line"
)

// guardJSON is a guard on the wire.
type guardJSON struct {
	Gap           *string                   `json:"gap,omitzero"`
	Burst         *int64                    `json:"burst,omitzero"`
	RampDays      *int64                    `json:"ramp_days,omitzero"`
	RampStart     *int64                    `json:"ramp_start,omitzero"`
	FailoverShare *int64                    `json:"failover_share,omitzero"`
	Unknown       map[string]jsontext.Value `json:",embed"`
}

// The guards that have a name.
const (
	guardOff     = "off"
	guardCareful = "careful"
)

// ParseGuard reads a guard as data: the text "off" or "careful"
// ([line.Careful]), or its values. A value that is left out is off:
//
//	{"gap": "5m", "burst": 3, "ramp_days": 14, "ramp_start": 20, "failover_share": 20}
//
// The gap is a duration as Go writes it. The error is a *[FormatError] with
// every fault. Unknown members are faults, and so is a value without the other
// value that it needs.
func ParseGuard(text []byte) (line.Guard, error) {
	var r reader
	g := r.guard("", text)
	return g, r.result()
}

// FormatGuard returns a guard as JSON that [ParseGuard] reads. It is safe for
// concurrent use.
func FormatGuard(g line.Guard) []byte {
	var out any
	switch g {
	case line.Guard{}:
		out = guardOff
	case line.Careful():
		out = guardCareful
	default:
		values := guardJSON{Burst: orNil(g.Burst), RampDays: orNil(g.RampDays), RampStart: orNil(g.RampStart), FailoverShare: orNil(g.FailoverShare)}
		if g.Gap != 0 {
			values.Gap = new(g.Gap.String())
		}
		out = values
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err) // of texts and numbers
	}
	return text
}

func orNil(n int) *int64 {
	if n == 0 {
		return nil
	}
	return new(int64(n))
}

// guard reads a guard that stands somewhere in a text.
func (r *reader) guard(at string, text jsontext.Value) (g line.Guard) {
	if text.Kind() == jsontext.KindString {
		var name string
		if err := decode(text, &name); err != nil {
			r.fault(malformed(), at, "it is no JSON text")
			return g
		}
		switch name {
		case guardOff:
		case guardCareful:
			g = line.Careful()
		default:
			r.fault(badValue(), at, "%q is no guard: use off, careful, or an object with its values", name)
		}
		return g
	}
	var in guardJSON
	if err := decode(text, &in); err != nil {
		for _, f := range within(at, err).(*FormatError).Faults {
			r.fault(malformed(), f.Pointer, "%s", f.Detail)
		}
		return g
	}
	if in.Gap != nil {
		gap, err := time.ParseDuration(*in.Gap)
		if err != nil || gap <= 0 || gap > line.MaxGap || gap%time.Microsecond != 0 {
			r.fault(badValue(), at+"/gap", "%q is no time from 1µs to %v as in 5m", *in.Gap, line.MaxGap)
		}
		g.Gap = gap
	}
	number := func(name string, n *int64, most int) int {
		switch {
		case n == nil:
			return 0
		case *n < 1 || *n > int64(most):
			r.fault(badValue(), at+"/"+name, "%d is not between 1 and %d; leave it out for none", *n, most)
		}
		return int(*n)
	}
	g.Burst = number("burst", in.Burst, line.MaxBurst)
	g.RampDays = number("ramp_days", in.RampDays, line.MaxRampDays)
	g.RampStart = number("ramp_start", in.RampStart, 100)
	g.FailoverShare = number("failover_share", in.FailoverShare, 100)
	for _, pair := range []struct {
		name, other string
		is, also    bool
	}{
		{"gap", "burst", in.Gap != nil, in.Burst != nil}, {"burst", "gap", in.Burst != nil, in.Gap != nil},
		{"ramp_days", "ramp_start", in.RampDays != nil, in.RampStart != nil}, {"ramp_start", "ramp_days", in.RampStart != nil, in.RampDays != nil},
	} {
		if pair.is && !pair.also {
			r.fault(badValue(), at+"/"+pair.name, "it goes with %s: give both or neither", pair.other)
		}
	}
	r.misspelt(at, in.Unknown, []string{"gap", "burst", "ramp_days", "ramp_start", "failover_share"})
	return g
}
