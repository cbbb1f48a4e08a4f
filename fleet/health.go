package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/line"
)

// LineHealth reports which lines a tenant has, and their health. If you have a
// table of lines of your own, implement this interface. A [Fleet] over it
// ([Options.Source]) adds the index, the use, the picks in flight and the full
// lines. Implementations must be safe for concurrent use.
type LineHealth interface {
	// Lines returns all lines of the tenant as they are now, in any order. The
	// caller does not keep or change the slice. Return an empty list for a
	// tenant without lines, and an error that wraps [ErrUnknownTenant] for an
	// unknown tenant. Any other error means that the source cannot answer now.
	// Status and Reputation count as an event at the time ChangedAt; if that is
	// zero, they count until an event reports something else. The fleet ignores
	// the use in the lines.
	//
	// Equal lines are one line, whatever their use. A line that cannot be used
	// harms only itself: for example one with an unknown status, one with an
	// Err, or two different lines with one number. The fleet reports it to
	// [Options.OnPollError] and sets it aside. It stays as it was in the last
	// good answer for [Options.StaleAfter]. After that it opens no chat, and a
	// send whose chat is on it is refused ([View.Untold]). A line without a
	// number may be any line that the answer lacks, so the fleet sets all of
	// these aside. If no line of an answer can be used, the whole answer counts
	// as an error.
	Lines(ctx context.Context, tenant string) ([]line.Line, error)
}

// answer is what a lineup knows of its source.
type answer struct {
	at    atomic.Pointer[time.Time] // when the source was asked what it last answered; nil before
	tried atomic.Pointer[time.Time] // when it was last asked; nil before
}

// age returns how old the last answer is, and false before the first.
func (a *answer) age(now time.Time) (time.Duration, bool) {
	if at := a.at.Load(); at != nil {
		return max(now.Sub(*at), 0), true
	}
	return 0, false
}

// due reports whether the source has to be asked, which was not asked for so
// long. A clock that was set back does not put it off.
func (a *answer) due(now time.Time, every time.Duration) bool {
	tried := a.tried.Load()
	if tried == nil {
		return true
	}
	since := now.Sub(*tried)
	return since < 0 || since >= every
}

// inquiries are the questions to a source that are on their way: one for each
// tenant; or those to a store, of which there is one.
type inquiries struct {
	mu sync.Mutex
	of map[string]*inquiry
}

// inquiry is one question to a source or a store. Its result may be read when
// done is closed.
type inquiry struct {
	done      chan struct{}
	err       error
	abandoned bool // the sender that asked gave up, which says nothing of the source
}

// join returns the inquiry of a tenant, and whether it is for the caller to
// make it.
func (f *inquiries) join(tenant string) (q *inquiry, own bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if q = f.of[tenant]; q != nil {
		return q, false
	}
	q = &inquiry{done: make(chan struct{})}
	if f.of == nil {
		f.of = map[string]*inquiry{}
	}
	f.of[tenant] = q
	return q, true
}

func (f *inquiries) end(tenant string, q *inquiry) {
	f.mu.Lock()
	delete(f.of, tenant)
	f.mu.Unlock()
	close(q.done)
}

// wait waits for the end of an inquiry, or returns the error of the context.
func (q *inquiry) wait(ctx context.Context) error {
	select {
	case <-q.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refresh sees to it that the lines of a tenant are what the source says, as
// far as that has to be asked now. One sender asks; meanwhile the others go on
// with the last answer, or wait if there is none that may be used.
func (f *Fleet) refresh(ctx context.Context, tenant string) error {
	if tenant == "" {
		return fmt.Errorf("%w: the tenant is empty", ErrUnknownTenant)
	}
	for {
		now, usable := f.options.Clock(), false
		if t := f.known(tenant); t != nil {
			age, answered := t.answer.age(now)
			usable = answered && age <= f.options.StaleAfter
			if usable && !t.answer.due(now, f.options.RefreshEvery) {
				return nil
			}
		}
		q, own := f.inquiries.join(tenant)
		switch {
		case own:
			f.tell(ctx, tenant, f.inquire(ctx, tenant, q))
		case usable:
			return nil
		default:
			if err := q.wait(ctx); err != nil {
				return err
			}
		}
		switch {
		case q.err == nil || errors.Is(q.err, ErrUnknownTenant):
			return q.err
		case own || !q.abandoned:
			return f.bearWith(tenant, q.err)
		}
	}
}

// bearWith returns nil if a source that failed has an answer that may still
// be used.
func (f *Fleet) bearWith(tenant string, cause error) error {
	if t := f.known(tenant); t != nil {
		if age, answered := t.answer.age(f.options.Clock()); answered {
			if age <= f.options.StaleAfter {
				return nil
			}
			return fmt.Errorf("%w: the last answer of the source for %q is %v old, and may be at most %v old: %w",
				ErrStale, tenant, age, f.options.StaleAfter, cause)
		}
	}
	return fmt.Errorf("%w: the source has given no answer that can be used for %q: %w", ErrStale, tenant, cause)
}

// inquire asks the source, for as long as its answer would be of use, and
// returns what changed of lines.
func (f *Fleet) inquire(ctx context.Context, tenant string, q *inquiry) (changes []change) {
	q.err, q.abandoned = errors.New("fleet: the source panicked"), true // unless it returns
	defer f.inquiries.end(tenant, q)
	within, cancel := context.WithTimeout(ctx, f.options.StaleAfter)
	defer cancel()
	changes, q.err = f.ask(within, tenant)
	q.abandoned = ctx.Err() != nil
	if q.err != nil && !q.abandoned && !errors.Is(q.err, ErrUnknownTenant) && f.options.OnPollError != nil {
		f.options.OnPollError(q.err)
	}
	return changes
}

// ask takes over what the source answers, and returns what changed of lines.
func (f *Fleet) ask(ctx context.Context, tenant string) ([]change, error) {
	began := f.options.Clock()
	if t := f.known(tenant); t != nil {
		t.answer.tried.Store(&began)
	}
	lines, err := f.options.Source.Lines(ctx, tenant)
	switch {
	case errors.Is(err, ErrUnknownTenant):
		f.forget(tenant)
		return nil, fmt.Errorf("fleet: asking for the lines of %q: %w", tenant, err)
	case err != nil:
		return nil, fmt.Errorf("fleet: asking for the lines of %q: %w", tenant, err)
	}
	changes, setAside, err := f.take(tenant, lines, began)
	if err != nil {
		return nil, fmt.Errorf("fleet: the lines of %q as the source tells them: %w", tenant, err)
	}
	if setAside != nil && f.options.OnPollError != nil {
		f.options.OnPollError(fmt.Errorf("fleet: lines of %q that the source tells cannot be used, and are set aside until they are mended: %w", tenant, setAside))
	}
	t := f.known(tenant)
	t.answer.at.Store(&began)
	t.answer.tried.Store(&began)
	return changes, nil
}

// forget takes out a tenant that the source does not know any more.
func (f *Fleet) forget(tenant string) {
	if t := f.known(tenant); t != nil && f.setLines(tenant, nil, inList) == nil {
		t.known.Store(false)
		t.answer.at.Store(nil)
	}
}

// yields reports whether a tenant gives up a line that the source now names for
// another one: what is known of the tenant is due for a question, which will
// tell whether it still has the line.
func (f *Fleet) yields(owner *lineup) bool {
	return f.options.Source != nil && owner.answer.due(f.options.Clock(), f.options.RefreshEvery)
}
