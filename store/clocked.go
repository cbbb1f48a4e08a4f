package store

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
)

// ErrClock is wrapped by the error of a caller whose clock, or what it tells the
// time of, is too far from the clock of its store. Nothing was written.
var ErrClock = fmt.Errorf("a time is too far from the clock of the store: %w", ErrNotWritten)

// ClockError tells how far a time is ahead of the clock of the store; negative is
// behind.
type ClockError struct{ Ahead, Allowed time.Duration }

// Error tells both and what to do.
func (e *ClockError) Error() string {
	way, by := "ahead of", e.Ahead
	if by < 0 {
		way, by = "behind", -by
	}
	return fmt.Sprintf("%v: it is %v %s it, at most %v will do: set the clock of this machine, or that of the store",
		ErrClock, by.Round(time.Second), way, e.Allowed)
}

// Unwrap returns ErrClock.
func (e *ClockError) Unwrap() error { return ErrClock }

// MaxAhead is how far the time of an event may lie ahead of the clock of a store.
const MaxAhead = 5 * time.Minute

// Clocked is the clock of a store. It is that of its server, or one that does not
// follow when the clock of a process is set: so a clock that is wrong harms its own
// process only. By this clock leases run out, waits end and records expire,
// whatever the clocks of the callers say. [clock.own]
//
// A call whose time is too far from it is refused with a [*ClockError], and has
// changed nothing. For a plan Plan.MaxSkew says how far, either way. [clock.plan]
// What is told of chats, lines and people by Apply, Hear, ReportLine, FlagLine and
// ChangeConsent may have happened long ago, but no more than MaxAhead from now.
// [clock.ahead] The clock is compared in the round trip of the call.
type Clocked interface {
	// Now returns the time by the clock of the store.
	Now(ctx context.Context) (time.Time, error)
}

// CheckClock returns a *ClockError where the plan is too far from what the clock
// of the store shows. Every store calls it before it looks at what the plan rests
// on.
func (p *Plan) CheckClock(now time.Time) error {
	ahead := Micros(p.At).Sub(now)
	if p.MaxSkew == 0 || ahead.Abs() <= p.MaxSkew {
		return nil
	}
	return &ClockError{Ahead: ahead, Allowed: p.MaxSkew}
}

// CheckAhead returns a *ClockError where a time, which may be zero, lies too far
// ahead of what the clock of a store shows.
func CheckAhead(now, at time.Time) error {
	if ahead := Micros(at).Sub(now); ahead > MaxAhead {
		return &ClockError{Ahead: ahead, Allowed: MaxAhead}
	}
	return nil
}

// EventTime returns the latest time that an event tells, zero for none.
func EventTime(e Event) time.Time {
	switch e := e.(type) {
	case ChatSeen:
		return later(e.CreatedAt, e.ActiveAt)
	case Activity:
		return e.At
	case ParticipantAdded:
		return e.At
	}
	return time.Time{}
}

// StateTime returns the latest time that a state of a line tells.
func StateTime(s *line.State) time.Time {
	return later(later(s.StatusAt, s.ReputationAt), later(s.OwnershipAt, later(s.FlaggedAt, s.RecoveredAt)))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// PurgeBefore is the time before which a Purge removes: that of the caller, or what
// the clock of the store shows, whichever is earlier.
func PurgeBefore(now, asked time.Time) time.Time {
	if now.Before(asked) {
		return now
	}
	return asked
}
