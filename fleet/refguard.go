package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
)

// This file tells what the guard makes of a line.

// Pace returns how close the openings of the line may be, zero for as close as
// they come.
func (r Ref) Pace() line.Pace {
	if r.r == nil {
		return line.Pace{}
	}
	return r.r.pace()
}

// FailoverLimit returns how many failovers the line may take in its window, 0 for
// any number.
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

// Allowance returns how many chats the line may open in its window at the moment
// of the view, 0 for any number.
func (r Ref) Allowance() int {
	if r.r == nil {
		return 0
	}
	return int(r.r.allowance)
}

// Day returns on which day of its ramp the line is, the first of which is 0, and
// false for a grown line.
func (r Ref) Day() (day int, young bool) {
	if r.r == nil || r.r.day < 0 {
		return 0, false
	}
	return int(r.r.day), true
}

// Slot returns from when on the pace of the line lets it open a chat, and the
// zero time where it holds nothing back.
func (r Ref) Slot() time.Time {
	if r.r == nil {
		return time.Time{}
	}
	return instant(r.r.slot())
}

// Deferred returns how many openings of the line wait for slots that lie after a
// time ([Query.DeferUntil]), by its paced time: about so many where its step has
// changed meanwhile.
func (r Ref) Deferred(at time.Time) int {
	if r.r == nil || r.r.step == 0 {
		return 0
	}
	ahead := r.r.slot() - nanos(at)
	return int(max((ahead-1)/r.r.step, 0))
}

// NextFree returns when limits, pace and failover share cease to hold the line
// back from an opening of a kind if it opens nothing until then, and the zero
// time where they hold nothing back, or where it is not known.
func (r Ref) NextFree(failover bool) time.Time {
	if r.r == nil {
		return time.Time{}
	}
	return freeTime(r.r.freeFor(failover))
}
