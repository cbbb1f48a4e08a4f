package line

import "time"

// A Pace is a bound on how close the openings of a line are. A line has a paced
// time, zero at first, that each opening moves forward by the step. So in any
// time w the line opens at most Burst + ⌊w/Step⌋ chats. All times are in whole
// microseconds. The zero Pace is no bound.
type Pace struct {
	Step  time.Duration
	Burst int
}

// IsZero reports whether the pace is no bound.
func (p Pace) IsZero() bool { return p.Step == 0 }

// Slot returns the first time at which a line with that paced time may open a
// chat; the zero time means any time.
func (p Pace) Slot(paced time.Time) time.Time {
	if p.IsZero() || paced.IsZero() {
		return time.Time{}
	}
	return paced.Add(-time.Duration(p.Burst-1) * p.Step)
}

// Holds reports whether the pace holds back an opening at the time at, for a
// line with that paced time.
func (p Pace) Holds(paced, at time.Time) bool {
	return at.Truncate(time.Microsecond).Before(p.Slot(paced))
}

// After returns the paced time after an opening at the time at; paced is the
// paced time before it. Without a pace it stays.
func (p Pace) After(paced, at time.Time) time.Time {
	if p.IsZero() {
		return paced
	}
	if at = at.UTC().Truncate(time.Microsecond); at.After(paced) {
		paced = at
	}
	return paced.Add(p.Step)
}
