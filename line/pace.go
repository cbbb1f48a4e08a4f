package line

import "time"

// A Pace bounds how close the openings of a line are. A line has a paced time,
// zero at first, which each opening moves on by the step: in any time w it opens
// at most Burst + ⌊w/Step⌋ chats. All times are whole microseconds. The zero Pace
// bounds nothing.
type Pace struct {
	Step  time.Duration
	Burst int
}

// IsZero reports whether the pace bounds nothing.
func (p Pace) IsZero() bool { return p.Step == 0 }

// Slot returns from when on a line with that paced time may open a chat, and the
// zero time where that is any time.
func (p Pace) Slot(paced time.Time) time.Time {
	if p.IsZero() || paced.IsZero() {
		return time.Time{}
	}
	return paced.Add(-time.Duration(p.Burst-1) * p.Step)
}

// Holds reports whether a line with that paced time may open no chat at a time.
func (p Pace) Holds(paced, at time.Time) bool {
	return at.Truncate(time.Microsecond).Before(p.Slot(paced))
}

// After returns the paced time after an opening at a time, where it was paced
// before. Without a pace it stays.
func (p Pace) After(paced, at time.Time) time.Time {
	if p.IsZero() {
		return paced
	}
	if at = at.UTC().Truncate(time.Microsecond); at.After(paced) {
		paced = at
	}
	return paced.Add(p.Step)
}
