package line

import (
	"errors"
	"fmt"
	"math/bits"
	"time"
)

// ErrGuard is wrapped by every error about a guard that cannot be used as
// given.
var ErrGuard = errors.New("line: not a usable guard")

// A Guard keeps lines from opening so many chats at once that networks flag
// them (docs/rules.md §10a). It limits how fast a line opens chats, and never
// stops, delays or counts a reuse. Each of its three rules is off if its values
// are zero; the zero Guard changes nothing. It is a plain value.
type Guard struct {
	// Gap is the time between two openings of a line that is not on its ramp,
	// at most 24 hours, in whole microseconds. Burst is how many openings may
	// come at once after a pause, from 1 to 1,000. Set both or neither.
	Gap   time.Duration
	Burst int

	// RampDays is the number of days in which a young line has a smaller
	// allowance, at most 365. RampStart is the allowance of the first day in
	// per cent of the limit, from 1 to 100. Set both or neither.
	RampDays  int
	RampStart int

	// FailoverShare is how many failovers a line may take in its window, in per
	// cent of its allowance, from 1 to 100; zero is no bound.
	FailoverShare int
}

// Careful returns the recommended first guard: a gap of 5 minutes with a burst
// of 3, a ramp of 14 days from 20 %, and a failover share of 20 %.
func Careful() Guard {
	return Guard{Gap: 5 * time.Minute, Burst: 3, RampDays: 14, RampStart: 20, FailoverShare: 20}
}

// The greatest values of a [Guard]: MaxGap of Gap, MaxBurst of Burst,
// MaxRampDays of RampDays.
const (
	MaxGap      = 24 * time.Hour
	MaxBurst    = 1000
	MaxRampDays = 365
)

// Yardstick is the number of new chats a day that a guard, and the order of
// lines by use, assume for a line without a limit: the vendor's advice. It
// limits nothing.
const Yardstick = 50

// IsZero reports whether the guard changes nothing.
func (g Guard) IsZero() bool { return g == Guard{} }

// Validate returns an error wrapping [ErrGuard] if a value is out of range, or
// needs another value that is zero.
func (g Guard) Validate() error {
	switch {
	case g.Gap < 0 || g.Gap > MaxGap || g.Gap%time.Microsecond != 0:
		return fmt.Errorf("%w: the gap %v is not between 0 and %v, in whole microseconds", ErrGuard, g.Gap, MaxGap)
	case g.Burst < 0 || g.Burst > MaxBurst || (g.Burst == 0) != (g.Gap == 0):
		return fmt.Errorf("%w: a burst of %d with a gap of %v: give one from 1 to %d with a gap, and 0 without", ErrGuard, g.Burst, g.Gap, MaxBurst)
	case g.RampDays < 0 || g.RampDays > MaxRampDays:
		return fmt.Errorf("%w: a ramp of %d days is not between 0 and %d", ErrGuard, g.RampDays, MaxRampDays)
	case g.RampStart < 0 || g.RampStart > 100 || (g.RampStart == 0) != (g.RampDays == 0):
		return fmt.Errorf("%w: a ramp of %d days from %d %%: give a start from 1 to 100 with a ramp, and 0 without", ErrGuard, g.RampDays, g.RampStart)
	case g.FailoverShare < 0 || g.FailoverShare > 100:
		return fmt.Errorf("%w: a failover share of %d %% is not between 0 and 100", ErrGuard, g.FailoverShare)
	}
	return nil
}

// Bounds are what a guard allows one line at one moment.
type Bounds struct {
	// Young says that the line is on its ramp. Day is then the number of whole
	// days since its start, and NextDay is when the next day begins.
	Young   bool
	Day     int
	NextDay time.Time

	// Allowance is how many chats the line may open in its window: its limit, or
	// less while it is young; 0 for any number.
	Allowance int

	// Pace is the bound on how close its openings are; zero is no bound.
	Pace Pace

	// Failovers is how many of the openings in the window may be failovers; 0
	// for any number.
	Failovers int
}

// Bounds returns what the guard allows a line at a time. limit is its limit of
// new chats, 0 for none. start is when it started (see [Line.Start]); zero if
// that is not known. A line whose start lies in the future is in its first day.
func (g Guard) Bounds(limit int, start, at time.Time) Bounds {
	b := Bounds{Allowance: limit}
	if day := wholeDays(start, at); g.RampDays > 0 && !start.IsZero() && day < g.RampDays {
		b.Young, b.Day, b.NextDay = true, day, start.Add(time.Duration(day+1)*aDay)
		b.Allowance = g.Allowance(limit, day)
	}
	b.Pace = g.Pace(limit, b.Allowance)
	b.Failovers = g.Failovers(b.Allowance)
	return b
}

const aDay = 24 * time.Hour

func wholeDays(start, at time.Time) int { return int(max(at.Sub(start), 0) / aDay) }

// Allowance returns how many chats a line with that limit, 0 for none, may open
// in its window on the given day since its start, counted from 0. After the
// last day of the ramp it is the limit.
func (g Guard) Allowance(limit, day int) int {
	if day >= g.RampDays {
		return limit
	}
	whole, days := int64(orYardstick(limit)), int64(g.RampDays)
	percent := int64(g.RampStart)*days + int64(100-g.RampStart)*int64(max(day, 0)) // times the days
	return int(max(whole*percent/(100*days), 1))
}

// Pace returns the pace of a line with that limit and allowance, 0 for none:
// the smaller the allowance, the larger the step.
func (g Guard) Pace(limit, allowance int) Pace {
	if g.Gap == 0 {
		return Pace{}
	}
	divisor := uint64(orYardstick(allowance))
	high, low := bits.Mul64(uint64(g.Gap/time.Microsecond), uint64(orYardstick(limit)))
	low, carry := bits.Add64(low, divisor-1, 0) // to round up
	step, _ := bits.Div64(high+carry, low, divisor)
	return Pace{Step: time.Duration(step) * time.Microsecond, Burst: g.Burst}
}

// Failovers returns how many failovers a line with that allowance, 0 for none,
// may take in its window; 0 for any number.
func (g Guard) Failovers(allowance int) int {
	return (orYardstick(allowance)*g.FailoverShare + 99) / 100
}

func orYardstick(limit int) int {
	if limit == 0 {
		return Yardstick
	}
	return limit
}
