package store

import (
	"context"
	"fmt"
	"time"
)

// ErrClock is wrapped by the error of a caller whose clock is too far from that of
// its store. Nothing was written.
var ErrClock = fmt.Errorf("the clock of this process is wrong: %w", ErrNotWritten)

// ClockError tells how far a clock is ahead of that of the store; negative is
// behind.
type ClockError struct{ Ahead, Allowed time.Duration }

// Error tells both and what to do.
func (e *ClockError) Error() string {
	way, by := "ahead of", e.Ahead
	if by < 0 {
		way, by = "behind", -by
	}
	return fmt.Sprintf("%v: it is %v %s that of the store, at most %v will do: set the clock of this machine, or that of the store", ErrClock, by.Round(time.Second), way, e.Allowed)
}

// Unwrap returns ErrClock.
func (e *ClockError) Unwrap() error { return ErrClock }

// Clocked is implemented by stores with a clock of their own, which callers can
// compare theirs with.
type Clocked interface {
	// Now returns the time by the clock of the store: that of its server, or one
	// that does not follow when the clock of this process is set.
	Now(ctx context.Context) (time.Time, error)
}
