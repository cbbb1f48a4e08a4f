package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fromline/fromline/store"
)

// lease is the claim on one delivery while it lasts.
type lease struct {
	*run
	id   store.LeaseID
	ctx  context.Context // ends when the lease is lost
	lost context.CancelCauseFunc
	then func() // what follows the attempt under the lease; nil for nothing

	mu    sync.Mutex // held while it is renewed
	until time.Time  // it counts as lost then
	next  *time.Timer
}

// hold keeps a lease from when it was claimed until let is called, and ends its
// context when it cannot be kept. It is renewed when a third of it has passed,
// and more often while that fails. It counts as lost a tenth before it runs
// out, so that the Sender has time to stop.
func (r *run) hold(id store.LeaseID, claimed time.Time) *lease {
	whole := r.opts.Lease
	l := &lease{run: r, id: id, until: claimed.Add(whole - whole/10)}
	l.ctx, l.lost = context.WithCancelCause(r.settling)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = time.AfterFunc(whole/3, l.renew)
	return l
}

// let stops renewing.
func (l *lease) let() {
	l.lost(nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next.Stop()
}

// renew renews the lease, and says when to do it again.
func (l *lease) renew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return
	}
	whole, began := l.opts.Lease, time.Now()
	ctx, cancel := context.WithDeadline(l.ctx, l.until)
	err := l.outbox.Renew(ctx, l.id, whole)
	cancel()
	switch {
	case err == nil:
		l.until = began.Add(whole - whole/10)
		l.next.Reset(whole / 3)
	case final(err), !time.Now().Before(l.until):
		l.lost(fmt.Errorf("%w: %w", store.ErrLeaseLost, err))
	default:
		l.next.Reset(min(whole/20, time.Until(l.until)))
	}
}

// try keeps that an attempt begins, where the one before may have killed its
// process: else a message that does so each time would come again for ever. A
// final error ends the lease, so that nothing is sent under it.
func (l *lease) try(attempt int) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		ctx, cancel := context.WithTimeout(l.ctx, l.opts.Lease/2)
		err := l.outbox.Try(ctx, l.id, attempt)
		cancel()
		switch {
		case err == nil:
			return nil
		case final(err):
			l.lost(err)
			return err
		}
		select {
		case <-l.ctx.Done():
			return errors.Join(err, context.Cause(l.ctx))
		case <-l.stopped.Done():
			return errors.Join(err, errStopped)
		case <-time.After(jitter(pause)):
		}
	}
}

func (l *lease) nack(attempts int, wait time.Duration) error {
	return l.settle(func(ctx context.Context) error { return l.outbox.Nack(ctx, l.id, attempts, wait) })
}

func (l *lease) park(attempts int, s *Settlement) error {
	return l.settle(func(ctx context.Context) error {
		if l.opts.Parking != nil {
			if err := l.opts.Parking(ctx, *s); err != nil {
				return fmt.Errorf("%w: %w", store.ErrNotWritten, err)
			}
		}
		return l.outbox.Park(ctx, l.id, attempts, s.Why)
	})
}

// settle tells the outbox how the attempt ended, again and again while the
// lease lasts: what the outbox does not learn is sent a second time.
func (l *lease) settle(tell func(context.Context) error) error { return l.settleAgain(false, tell) }

// settleAgain is settle where the outbox may have been told already.
func (l *lease) settleAgain(unknown bool, tell func(context.Context) error) error {
	const longest = time.Second
	pause := 10 * time.Millisecond
	for failures := 1; ; failures++ {
		ctx, cancel := context.WithTimeout(l.ctx, l.opts.Lease/2)
		err := tell(ctx)
		cancel()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, store.ErrLeaseLost) && unknown:
			return nil // it was told before, and the answer was lost
		case final(err):
			return err
		}
		unknown = unknown || !errors.Is(err, store.ErrNotWritten)
		if pause == longest {
			l.complain(fmt.Errorf("delivery: settling: %w", err), failures) // nothing else tells why the chat stands still
		}
		select {
		case <-l.ctx.Done():
			return errors.Join(err, context.Cause(l.ctx))
		case <-time.After(jitter(pause)):
		}
		pause = min(2*pause, longest)
	}
}

// final says whether an error of the outbox about a lease stays, however often
// it is asked. That nothing was written does not: a store says it too when it
// was not reached, was busy or had no room for a moment.
func final(err error) bool {
	return errors.Is(err, store.ErrLeaseLost) || errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrInvalid)
}
