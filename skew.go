package fromline

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/store"
)

// skew compares the clock of a Router with that of its store, so that a clock
// which is wrong harms only its own process. The zero value has compared
// nothing yet.
type skew struct {
	last  atomic.Pointer[reading]
	wrong atomic.Bool // and that was told
}

// reading is what the clock of the store showed at a time of ours.
type reading struct {
	at    time.Time // with the monotonic reading, where our clock has one
	store time.Time
}

// readEvery is how often the clock of the store is read. In between, our own
// counts on, which setting it does not change.
const readEvery = 10 * time.Second

// ahead returns how far our clock is ahead of that of the store when it shows
// now.
func (s *skew) ahead(now time.Time) (by time.Duration, read bool) {
	r := s.last.Load()
	if r == nil {
		return 0, false
	}
	return now.Round(0).Sub(r.store.Add(now.Sub(r.at))), true
}

// checkClock returns an [*UnavailableError] that wraps store.ErrClock where our
// clock, which shows now, is too far from that of the store. What the store
// does not tell is not checked: who goes on to use it learns why.
func (r *Router) checkClock(ctx context.Context, now time.Time) error {
	if r.clocked == nil {
		return nil
	}
	last := r.skew.last.Load()
	if last == nil || now.Sub(last.at) > readEvery || now.Sub(last.at) < 0 {
		// Only one asks, as far as it can be told without a lock; more do no harm.
		began := r.opts.Clock()
		if at, err := r.clocked.Now(ctx); err == nil {
			ended := r.opts.Clock()
			r.skew.last.Store(&reading{at: began.Add(ended.Sub(began) / 2), store: at})
			now = ended
		} else if errors.Is(err, store.ErrClosed) || last == nil {
			return nil
		}
	}
	by, read := r.skew.ahead(now)
	wrong := read && by.Abs() > r.opts.MaxSkew
	if told := r.skew.wrong.Swap(wrong); told != wrong && r.opts.Logger != nil {
		r.tellClock(wrong, by)
	}
	if !wrong {
		return nil
	}
	return &UnavailableError{Err: &store.ClockError{Ahead: by, Allowed: r.opts.MaxSkew}, Retry: true}
}

// tellClock tells once that our clock is wrong, and once that it is right
// again.
func (r *Router) tellClock(wrong bool, by time.Duration) {
	if wrong {
		r.opts.Logger.Error("the clock of this process is wrong: sends are refused", slog.Duration("ahead", by), slog.Duration("allowed", r.opts.MaxSkew))
		return
	}
	r.opts.Logger.Info("the clock of this process is right again", slog.Duration("ahead", by))
}
