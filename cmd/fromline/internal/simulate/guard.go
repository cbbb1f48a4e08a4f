package simulate

import (
	"fmt"
	"strings"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
)

// Guard is a guard with a name, to be compared with others.
type Guard struct {
	Name  string
	Guard line.Guard

	// Defer is how long an opening may wait for a slot, instead of being refused.
	Defer time.Duration
}

// ParseGuard returns the guard of a name: off, careful, or some of pace, ramp
// and share, with a + between them, which are the parts of line.Careful; and
// with one that paces defer, for openings that wait up to an hour for their
// slots.
func ParseGuard(name string) (Guard, error) {
	g, careful := Guard{Name: name}, line.Careful()
	for part := range strings.SplitSeq(name, "+") {
		switch part {
		case "off":
		case "careful":
			g.Guard = careful
		case "pace":
			g.Guard.Gap, g.Guard.Burst = careful.Gap, careful.Burst
		case "ramp":
			g.Guard.RampDays, g.Guard.RampStart = careful.RampDays, careful.RampStart
		case "share":
			g.Guard.FailoverShare = careful.FailoverShare
		case "defer":
			g.Defer = time.Hour
		default:
			return Guard{}, fmt.Errorf("%q is no guard: use off, careful, or some of pace, ramp, share and defer with + between them", part)
		}
	}
	if g.Defer > 0 && g.Guard.Gap == 0 {
		return Guard{}, fmt.Errorf("%q defers nothing, for it has no pace: add careful or pace", name)
	}
	return g, nil
}

// Says tells the values of the guard in words.
func (g Guard) Says() string {
	var parts []string
	if v := g.Guard; v.Gap > 0 {
		parts = append(parts, fmt.Sprintf("a gap of %v, burst %d", Span(v.Gap), v.Burst))
	}
	if v := g.Guard; v.RampDays > 0 {
		parts = append(parts, fmt.Sprintf("a ramp of %d days from %d %%", v.RampDays, v.RampStart))
	}
	if v := g.Guard; v.FailoverShare > 0 {
		parts = append(parts, fmt.Sprintf("at most %d %% failovers", v.FailoverShare))
	}
	if g.Defer > 0 {
		parts = append(parts, fmt.Sprintf("openings wait up to %v for their slots", Span(g.Defer)))
	}
	if len(parts) == 0 {
		return "the limits of the lines alone"
	}
	return strings.Join(parts, "; ")
}

// options returns what a fleet with the guard is made with.
func (g Guard) options(clock func() time.Time) fleet.Options {
	return fleet.Options{Clock: clock, Guard: g.Guard}
}

// ReadGuard reads a guard as data, as a fleet file has it.
func ReadGuard(name string, text []byte) (Guard, error) {
	g, err := fleet.ParseGuard(text)
	if err != nil {
		return Guard{}, fmt.Errorf("%s: %w", name, err)
	}
	return Guard{Name: name, Guard: g}, nil
}
