package fromline

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/store"
)

// wrote remembers whether the store could be written when it last was: a disk
// that is full, or a file that was removed, shows in nothing else. The zero
// value has heard nothing.
type wrote struct {
	failed atomic.Pointer[unwritten]
}

// unwritten is a commit that failed although nothing was wrong with it.
type unwritten struct {
	err error
	at  time.Time
}

// tellsFor is how long a failed commit makes a Router not ready. After that it
// has to be tried again: where requests keep away, only they can find out.
const tellsFor = 10 * time.Second

// heard takes in how a commit ended, and when it began: one that began before
// another one failed says nothing of the store since.
func (w *wrote) heard(ctx context.Context, began time.Time, err error) {
	_, conflict := errors.AsType[*store.Conflict](err)
	switch {
	case err == nil || conflict:
		if f := w.failed.Load(); f != nil && !began.Before(f.at) {
			w.failed.CompareAndSwap(f, nil)
		}
	case ctx.Err() != nil, errors.Is(err, store.ErrInvalid), errors.Is(err, store.ErrLeaseLost), errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrClock):
		// That says nothing of the store.
	default:
		w.failed.Store(&unwritten{err, time.Now()})
	}
}

// ready returns why the store could not be written a moment ago.
func (w *wrote) ready() error {
	f := w.failed.Load()
	if f == nil || time.Since(f.at) > tellsFor {
		return nil
	}
	return fmt.Errorf("fromline: the store could not be written: %w", f.err)
}
