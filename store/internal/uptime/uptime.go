// Package uptime is a clock that goes on from a time whatever the clock of the
// machine is set to, and that processes of one machine can share.
//
// # What this package does not do
//
// It keeps nothing: a store that shares a clock keeps its Anchor.
package uptime

import "time"

// Anchor says what time it is by how long the machine has been up. It means
// nothing after another start of the machine, nor on another machine.
type Anchor struct {
	Boot  string        // names the start of the machine; empty: it has no name here
	Began time.Duration // when the machine started, by the clock, since 1970
}

// Clock is a clock. It is safe for concurrent use. Make one with New or Of.
type Clock struct {
	Anchor
	made time.Time // counts where the start of the machine has no name
}

// New returns a clock that shows a time now.
func New(now time.Time) Clock {
	c := Clock{Anchor: Anchor{Boot: boot(), Began: time.Duration(now.UnixNano())}, made: time.Now()}
	if c.Boot != "" {
		since, _ := up()
		c.Began -= since
	}
	return c
}

// Of returns the clock of an anchor that was taken since the machine started, and
// false for another one.
func Of(a Anchor) (c Clock, valid bool) {
	return Clock{Anchor: a}, a.Boot != "" && a.Boot == boot()
}

// Now returns what the clock shows.
func (c Clock) Now() time.Time {
	since := time.Since(c.made)
	if c.Boot != "" {
		since, _ = up()
	}
	return time.Unix(0, int64(c.Began+since))
}
