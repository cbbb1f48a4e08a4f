package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
)

// This file tells what the guard makes of a line.

// Pace returns the bound on how close the openings of the line may be; the zero
// Pace is no bound.
func (r Ref) Pace() line.Pace {
	if r.r == nil {
		return line.Pace{}
	}
	return r.r.pace()
}

// FailoverLimit returns how many failovers the line may take in its window, 0
// for any number.
func (r Ref) FailoverLimit() int {
	if r.r == nil {
		return 0
	}
	return int(r.r.failoverLimit)
}

// Failovers returns how many failovers the line took in its window.
func (r Ref) Failovers() int {
	if r.r == nil {
		return 0
	}
	return int(r.r.failovers)
}

// Allowance returns how many chats the line may open in its window at the
// moment of the view, 0 for any number.
func (r Ref) Allowance() int {
	if r.r == nil {
		return 0
	}
	return int(r.r.allowance)
}

// Day returns the day of the ramp on which the line is, counted from 0, and
// false for a line that is not on its ramp.
func (r Ref) Day() (day int, young bool) {
	if r.r == nil || r.r.day < 0 {
		return 0, false
	}
	return int(r.r.day), true
}

// Slot returns the first time at which the pace of the line lets it open a
// chat, and the zero time if the pace does not hold it back.
func (r Ref) Slot() time.Time {
	if r.r == nil {
		return time.Time{}
	}
	return instant(r.r.slot())
}

// Deferred returns how many openings of the line wait for slots after the given
// time ([Query.DeferUntil]). It computes this from the paced time of the line,
// so the number is an estimate if the step has changed since.
func (r Ref) Deferred(at time.Time) int {
	if r.r == nil || r.r.step == 0 {
		return 0
	}
	ahead := r.r.slot() - nanos(at)
	return int(max((ahead-1)/r.r.step, 0))
}

// NextFree returns the first time at which limits, pace and failover share let
// the line open a chat, as a failover or as a first contact, if it opens none
// until then. It returns the zero time if they do not hold the line back, or if
// the time is not known.
func (r Ref) NextFree(failover bool) time.Time {
	if r.r == nil {
		return time.Time{}
	}
	return freeTime(r.r.freeFor(failover))
}
