package store

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
)

// ErrClock is wrapped by the error of a call with a time too far from the clock
// of the store: the clock of the caller, or the time of the event, is wrong.
// Nothing was written.
var ErrClock = fmt.Errorf("a time is too far from the clock of the store: %w", ErrNotWritten)

// ClockError says how far a time is ahead of the clock of the store (negative:
// behind), and how far it may be.
type ClockError struct{ Ahead, Allowed time.Duration }

// Error states both durations and what to do.
func (e *ClockError) Error() string {
	way, by := "ahead of", e.Ahead
	if by < 0 {
		way, by = "behind", -by
	}
	return fmt.Sprintf("%v: it is %v %s it, and at most %v are allowed: set the clock of this machine, or that of the store",
		ErrClock, by.Round(time.Second), way, e.Allowed)
}

// Unwrap returns ErrClock.
func (e *ClockError) Unwrap() error { return ErrClock }

// MaxAhead is how far the time of an event may be ahead of the clock of a
// store.
const MaxAhead = 5 * time.Minute

// Clocked is the clock of a store: that of its server, or one that does not
// jump when the clock of the machine is set. So a wrong clock harms only its
// own process. Leases, waits and records end by this clock, whatever the clocks
// of the callers show. [clock.own]
//
// A call whose time is too far from it is refused with a [*ClockError], and has
// changed nothing. For a plan, Plan.MaxSkew is the limit, before and after.
// [clock.plan] The times given to Apply, Hear, ReportLine, FlagLine and
// ChangeConsent may be in the past, but at most MaxAhead in the future.
// [clock.ahead] The round trip of the call compares the clock.
type Clocked interface {
	// Now returns the time by the clock of the store.
	Now(ctx context.Context) (time.Time, error)
}

// CheckClock returns a *ClockError if the plan is too far from the clock of the
// store. Every store calls it before it checks the basis of the plan.
func (p *Plan) CheckClock(now time.Time) error {
	ahead := Micros(p.At).Sub(now)
	if p.MaxSkew == 0 || ahead.Abs() <= p.MaxSkew {
		return nil
	}
	return &ClockError{Ahead: ahead, Allowed: p.MaxSkew}
}

// CheckAhead returns a *ClockError if a time, which may be zero, is too far
// ahead of the clock of a store.
func CheckAhead(now, at time.Time) error {
	if ahead := Micros(at).Sub(now); ahead > MaxAhead {
		return &ClockError{Ahead: ahead, Allowed: MaxAhead}
	}
	return nil
}

// EventTime returns the latest time in an event, and the zero time if it has
// none.
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

// StateTime returns the latest time in a state of a line.
func StateTime(s *line.State) time.Time {
	return later(later(s.StatusAt, s.ReputationAt), later(s.OwnershipAt, later(s.FlaggedAt, s.RecoveredAt)))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// PurgeBefore returns the time before which a Purge removes: that of the caller
// or that of the store's clock, whichever is earlier.
func PurgeBefore(now, asked time.Time) time.Time {
	if now.Before(asked) {
		return now
	}
	return asked
}
