package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fromline/fromline/store"
)

// errStopped ends what is being sent when a Dispatcher has to stop.
var errStopped = errors.New("delivery: the dispatcher stops")

// errand is one delivery on its way.
type errand struct {
	store.Claimed
	since  time.Time // when it was claimed
	direct bool      // it was leased when it was committed
	lease  *lease
	ended  Settlement

	sent     bool // it was handed over; guarded by run.mu, as the next one
	followed bool // another one of its chat was committed since
}

// deliver makes one attempt to hand a delivery over, and settles it. One that was
// taken over is settled by acknowledge.
func (r *run) deliver(e *errand) {
	c := &e.Claimed
	if e.lease == nil {
		e.lease = r.hold(c.Lease, e.since)
	}
	e.ended = Settlement{Delivery: Delivery{Delivery: c.Delivery, Tenant: c.Lease.Tenant, Attempt: c.Attempts, At: c.At, Network: new(NetworkIDs)}}
	err := r.attempt(e.lease, *c, e.since, &e.ended)
	if e.ended.Result == Sent {
		r.acks.add(e, r.urgent(e))
		r.ended(c.Lease.Tenant)
		return
	}
	r.settle(e, err)
	r.ended(c.Lease.Tenant)
	r.tell()
}

// settle ends an errand, and says whether something may wait for that. The error is
// that the outbox could not be told.
func (r *run) settle(e *errand, err error) (awaited bool) {
	s := &e.ended
	if err != nil {
		s.Result, s.Wait, s.Why = Lost, 0, 0
		s.Err = errors.Join(s.Err, fmt.Errorf("delivery: settling: %w", err))
	}
	r.settled(*s)
	if l := e.lease; l.then == nil {
		l.let()
	} else {
		r.waiting.Go(func() {
			defer l.let()
			l.then()
		})
	}
	return r.forget(e)
}

// attempt hands a delivery over or sends it another way, and fills in how that
// ended. The error is that the outbox could not be told; of one that was taken over
// it has still to be.
func (r *run) attempt(lease *lease, c store.Claimed, claimed time.Time, s *Settlement) error {
	tried := c.Attempts - 1 // as the outbox knows, until the sending begins
	switch {
	case tried >= r.opts.Attempts:
		// The last ones were cut short by a crash, which this message may cause.
		s.Err = &Failure{Err: fmt.Errorf("delivery: %d attempts are used up", r.opts.Attempts), Permanent: true}
	case r.stopped.Err() != nil:
		s.Err = errStopped
	default:
		why := IfNeeded
		if c.Leave {
			why = Released
		}
		if stays, err := r.reroute(lease, c, why, tried, s); !stays {
			s.Took = time.Since(claimed)
			return err
		}
		if c.Unsettled {
			s.Err = lease.try(c.Attempts)
		}
		if s.Err == nil {
			tried = c.Attempts
			s.Err = r.send(lease.ctx, s.Delivery)
		}
	}
	s.Took = time.Since(claimed)

	failure := failureOf(s.Err)
	switch {
	case s.Err == nil:
		s.Result = Sent
		return nil
	case lease.ctx.Err() != nil:
		return context.Cause(lease.ctx)
	case r.stopped.Err() != nil && !failure.Permanent:
		s.Result = Returned
		return lease.nack(tried, 0)
	case failure.Receiver && !failure.Permanent:
		s.Result, s.Wait = Retrying, r.opts.longWait(failure.RetryAfter)
		return lease.nack(c.Attempts-1, s.Wait) // the receiver tried nothing
	}
	if failure.LineFlagged {
		found := s.Err
		stays, err := r.reroute(lease, c, FoundFlagged, tried, s)
		if !stays {
			return err
		}
		s.Err = found
	}
	switch {
	case failure.LineFlagged && failure.Permanent:
		s.Result, s.Why = Parked, store.ParkedLineFlagged
	case failure.Permanent && tried == c.Attempts:
		s.Result, s.Why = Parked, store.ParkedRefused
	case failure.Permanent, c.Attempts >= r.opts.Attempts:
		s.Result, s.Why = Parked, store.ParkedAttempts
	default:
		s.Result, s.Wait = Retrying, r.opts.wait(c.Attempts, failure.RetryAfter)
		return lease.nack(tried, s.Wait)
	}
	return lease.park(tried, s)
}

// errDeaf ends an attempt whose Sender goes on although its context ended.
var errDeaf = errors.New("delivery: the Sender did not return when its context ended; the stop does not wait for it")

// send calls the Sender, for a bounded time. It waits for it, but not when all of the
// time of a stop is over: a Sender that does not heed its context goes on alone.
func (r *run) send(ctx context.Context, d Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, r.opts.SendTimeout)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(r.stopped, func() { stop(errStopped) })()
	sent := make(chan error, 1)
	go func() {
		err := errors.New("delivery: the Sender ended its goroutine") // unless it returns
		defer func() {
			// One message that a Sender cannot digest must not take the others down.
			if p := recover(); p != nil {
				err = panicked(p)
			}
			sent <- err
		}()
		if err = r.sender.Send(ctx, d); isNilFailure(err) {
			err = errors.New(err.Error()) // no other code has to expect one
		}
	}()
	select {
	case err := <-sent:
		return err
	case <-r.settling.Done():
	}
	select {
	case err := <-sent:
		return err
	default:
		return errDeaf
	}
}

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
// context when it cannot be kept. It is renewed when a third of it has passed, and
// more often while that fails. It counts as lost a tenth before it runs out, so that
// the Sender has time to stop.
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

// settle tells the outbox how the attempt ended, again and again while the lease
// lasts: what the outbox does not learn is sent a second time.
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

// final says whether an error of the outbox about a lease stays, however often it is
// asked. That nothing was written does not: a store says it too when it was not
// reached, was busy or had no room for a moment.
func final(err error) bool {
	return errors.Is(err, store.ErrLeaseLost) || errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrInvalid)
}
