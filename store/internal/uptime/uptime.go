// Package uptime is a clock that advances with the uptime of the machine, even
// if the clock of the machine is set. Processes of one machine can share it.
//
// # What this package does not do
//
// It keeps nothing: a store that shares a clock keeps its Anchor.
package uptime

import "time"

// Anchor relates the time of a clock to the uptime of the machine. It means
// nothing after the next start of the machine, nor on another machine.
type Anchor struct {
	Boot  string        // names the start of the machine; empty if the system has no name for it
	Began time.Duration // the time of the clock when the machine started, since 1970
}

// Clock is a clock. The caller makes one with New or Of. It is safe for
// concurrent use.
type Clock struct {
	Anchor
	made time.Time // the base if Boot is empty
}

// New returns a clock that shows the given time now.
func New(now time.Time) Clock {
	c := Clock{Anchor: Anchor{Boot: boot(), Began: time.Duration(now.UnixNano())}, made: time.Now()}
	if c.Boot != "" {
		since, _ := up()
		c.Began -= since
	}
	return c
}

// Of returns the clock of an anchor. It returns false if the machine has
// started again since, or was another one.
func Of(a Anchor) (c Clock, valid bool) {
	return Clock{Anchor: a}, a.Boot != "" && a.Boot == boot()
}

// Now returns the time of the clock.
func (c Clock) Now() time.Time {
	since := time.Since(c.made)
	if c.Boot != "" {
		since, _ = up()
	}
	return time.Unix(0, int64(c.Began+since))
}
