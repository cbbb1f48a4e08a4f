package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
)

// pageSize is how many changes one call of a feed is asked for.
const pageSize = 1000

// Follow keeps the fleet in step with a store: it polls line states and use,
// every [Options.PollEvery] and when [Fleet.Nudge] is called, until the context
// is done, and returns the context's error. After a failed poll it calls
// [Options.OnPollError] and polls again at the next turn. When the last good
// poll is too old, Fleet.View refuses. Call [Fleet.Sync] once before you serve,
// so that the fleet knows what the store knew before a restart.
//
// It blocks and leaves no goroutine behind. A fleet follows one feed only.
func (f *Fleet) Follow(ctx context.Context, feed Feed) error {
	for {
		if err := f.syncWithin(ctx, feed); err != nil && ctx.Err() == nil && f.options.OnPollError != nil {
			f.options.OnPollError(err)
		}
		f.catchUp(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.nudge:
		case <-time.After(f.options.PollEvery):
		}
	}
}

// syncWithin gives a poll as long as its result would be of use.
func (f *Fleet) syncWithin(ctx context.Context, feed Feed) error {
	ctx, cancel := context.WithTimeout(ctx, f.options.StaleAfter)
	defer cancel()
	return f.Sync(ctx, feed)
}

// Nudge makes [Fleet.Follow] poll at once. It never blocks.
func (f *Fleet) Nudge() {
	select {
	case f.nudge <- struct{}{}:
	default:
	}
}

// LastPoll returns when the last good poll began, and the zero time before the
// first one.
func (f *Fleet) LastPoll() time.Time {
	if t := f.lastPoll.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

// Fresh returns an error that wraps [ErrStale] if the last good poll of the
// store is too old, so that [Fleet.View] refuses. It returns nil otherwise, and
// for a fleet that follows no store.
func (f *Fleet) Fresh() error {
	last := f.lastPoll.Load()
	switch {
	case last == nil:
		return nil
	case last.IsZero():
		return fmt.Errorf("%w: no poll of the store has succeeded yet", ErrStale)
	}
	if age := f.options.Clock().Sub(*last); age > f.options.StaleAfter {
		return fmt.Errorf("%w: the last good poll of the store is %v old, and may be at most %v old", ErrStale, age, f.options.StaleAfter)
	}
	return nil
}

// Sync polls the store once: it reads every line state and all use that changed
// since the last poll. After an error the next Sync continues where this one
// stopped. While another poll runs, Sync waits until that poll or the context
// ends.
func (f *Fleet) Sync(ctx context.Context, feed Feed) error {
	for {
		q, own := f.polling.join("")
		if own {
			return f.poll(ctx, ctx, feed, q)
		}
		if err := q.wait(ctx); err != nil {
			return err
		}
	}
}

// poll makes a poll that is the caller's to make, within a context. Where that
// of the caller has ended too, the poll says nothing of the store.
func (f *Fleet) poll(within, caller context.Context, feed Feed, q *inquiry) error {
	q.err, q.abandoned = errors.New("fleet: the store panicked"), true // unless it returns
	defer f.polling.end("", q)
	q.err = f.read(within, feed)
	q.abandoned = caller.Err() != nil
	return q.err
}

// read reads all that changed. One does so at a time.
func (f *Fleet) read(ctx context.Context, feed Feed) error {
	f.lastPoll.CompareAndSwap(nil, new(time.Time))

	// Every pick that was confirmed before this line was committed before it,
	// so this poll sees it.
	poll := f.polls.Add(1)
	began := f.options.Clock()

	for full := true; full; {
		states, last, err := feed.LineStates(ctx, f.states, f.page)
		if err != nil {
			return fmt.Errorf("fleet: reading line states after change %d: %w", f.states, err)
		}
		for i := range states {
			f.learn(&states[i], began)
		}
		full, f.states = len(states) >= f.page, max(f.states, last)
	}
	for full := true; full; {
		uses, last, err := feed.LineUse(ctx, f.uses, f.page)
		if err != nil {
			return fmt.Errorf("fleet: reading the use of lines after change %d: %w", f.uses, err)
		}
		for i := range uses {
			f.count(&uses[i], began)
		}
		full, f.uses = len(uses) >= f.page, max(f.uses, last)
	}
	for t := range f.tenants.all {
		t.see(poll, nanos(began))
	}
	f.lastPoll.Store(&began)
	return nil
}

// Overdue reports whether a poll that began at the given time is too old for a
// decision: older than [Options.ActWithin], by Options.Clock.
func (f *Fleet) Overdue(began time.Time) bool {
	return f.options.Clock().Sub(began) > f.options.ActWithin
}

// SyncIfOld polls the feed if there was no good poll yet or the last one is
// [Fleet.Overdue]. Call it before a decision: so after an outage of the store
// the process first reads what other processes learned meanwhile. Callers at
// the same time share one poll, also with [Fleet.Follow]. The error is that of
// the poll or of the context, or wraps [ErrStale] if the poll took so long that
// its result is already too old.
func (f *Fleet) SyncIfOld(ctx context.Context, feed Feed) error {
	const polls = 3
	for made := 0; ; {
		last := f.LastPoll()
		if !last.IsZero() && !f.Overdue(last) {
			return nil
		}
		if made == polls {
			return fmt.Errorf("%w: the last good poll of the store began %v ago, and may be at most %v ago",
				ErrStale, f.options.Clock().Sub(last), f.options.ActWithin)
		}
		q, own := f.polling.join("")
		var err error
		if own {
			within, cancel := context.WithTimeout(ctx, f.options.StaleAfter)
			err = f.poll(within, ctx, feed, q)
			cancel()
		} else if err = q.wait(ctx); err == nil {
			if q.abandoned { // by its own caller, however many do that
				continue
			}
			err = q.err
		}
		if err != nil {
			return err
		}
		made++
	}
}

// learn takes over a state that the store keeps.
func (f *Fleet) learn(s *line.State, now time.Time) {
	if s.Tenant == "" || !s.Number.IsPhone() || checkState(*s) != nil {
		return // nothing that this package wrote
	}
	f.adopt(*s)
	t := f.lineup(s.Tenant)
	t.mu.Lock()
	defer t.unlock()
	t.advance(nanos(now), 0)
	if _, news := t.account(s.Number).learned.learn(*s); news {
		t.refresh(s.Number.Digits())
	}
}

// count takes over the use that the store counted.
func (f *Fleet) count(u *line.Use, now time.Time) {
	if u.Tenant == "" || !u.Number.IsPhone() {
		return
	}
	t := f.lineup(u.Tenant)
	t.mu.Lock()
	defer t.unlock()
	t.advance(nanos(now), 0)
	a := t.account(u.Number)
	a.newChats, a.messages = pack(u.Hour, &u.NewChats), pack(u.MessagesHour, &u.Messages)
	a.failovers, a.pacedAt = pack(u.Hour, &u.Failovers), max(a.pacedAt, nanos(u.PacedAt))
	t.refresh(u.Number.Digits())
}

// catchUp lets time pass for all lines, in slices so that no sender waits long.
func (f *Fleet) catchUp(ctx context.Context) {
	now := nanos(f.options.Clock())
	for t := range f.tenants.all {
		for ctx.Err() == nil && t.behind(now) {
		}
	}
}
