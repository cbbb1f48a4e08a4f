package delivery

import (
	"context"
	"errors"
	"fmt"
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

// deliver makes one attempt to hand a delivery over, and settles it. One that
// was taken over is settled by acknowledge.
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

// settle ends an errand, and says whether something may wait for that. The
// error is that the outbox could not be told.
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
// ended. The error is that the outbox could not be told; of one that was taken
// over it has still to be.
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

// send calls the Sender, for a bounded time. It waits for it, but not when all
// of the time of a stop is over: a Sender that does not heed its context goes
// on alone.
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
