package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fromline/fromline/store"
)

// maxUnacknowledged is how many messages that were handed over wait to be
// acknowledged at most, before nothing more is begun.
const maxUnacknowledged = 1024

// acks are the messages that were handed over and are not acknowledged yet.
// They are acknowledged together: as many as come in while the outbox is busy
// with those before them, or within Options.Gather where none of them is
// urgent.
type acks struct {
	mu     sync.Mutex
	some   []*errand
	told   int           // those that the outbox is being told of
	first  chan struct{} // there are some
	urgent chan struct{} // and they are not to wait
	ending chan struct{} // closed when no more come
	ended  chan struct{} // closed when all are settled
}

func newAcks() acks {
	return acks{
		first: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		ending: make(chan struct{}), ended: make(chan struct{}),
	}
}

// add takes in a message that was handed over.
func (a *acks) add(e *errand, urgent bool) {
	a.mu.Lock()
	a.some = append(a.some, e)
	n := len(a.some)
	a.mu.Unlock()
	if n == 1 {
		signal(a.first)
	}
	if urgent || n >= maxUnacknowledged/4 {
		signal(a.urgent)
	}
}

// signal says something once, until it is heard.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// hurry has what waits acknowledged now.
func (a *acks) hurry() { signal(a.urgent) }

// waiting is how many are not settled.
func (a *acks) waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.some) + a.told
}

// take returns those that wait, to be told.
func (a *acks) take() []*errand {
	a.mu.Lock()
	defer a.mu.Unlock()
	some := a.some
	a.some, a.told = nil, len(some)
	return some
}

// done says that those that were taken are settled.
func (a *acks) done() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told = 0
}

// end waits until acknowledge has returned; nothing is added any more.
func (a *acks) end() {
	close(a.ending)
	<-a.ended
}

// acknowledge tells the outbox what was handed over, until the end.
func (r *run) acknowledge() {
	a := &r.acks
	defer close(a.ended)
	for {
		select {
		case <-a.first:
		case <-a.ending:
			return
		}
		gather := time.NewTimer(r.opts.Gather)
		select {
		case <-gather.C:
		case <-a.urgent:
		case <-a.ending:
		}
		gather.Stop()
		awaited := r.acknowledgeAll(a.take())
		if a.done(); awaited {
			r.tell()
		}
	}
}

// acknowledgeAll acknowledges and settles messages, and says whether something
// may wait for that. Where the outbox does not take all of them at once, each
// is acknowledged for itself.
func (r *run) acknowledgeAll(some []*errand) (awaited bool) {
	errs := make([]error, len(some))
	if told, err := r.ackTogether(some, errs); !told {
		unknown := err != nil && !errors.Is(err, store.ErrNotWritten)
		var all sync.WaitGroup
		for i, e := range some {
			all.Go(func() {
				errs[i] = e.lease.settleAgain(unknown, func(ctx context.Context) error { return r.outbox.Ack(ctx, e.Claimed.Lease) })
			})
		}
		all.Wait()
	}
	for i, e := range some {
		awaited = r.settle(e, errs[i]) || awaited
	}
	return awaited
}

// ackTogether acknowledges several messages in one call, fills in the errors of
// those whose lease was lost, and says whether the outbox took it.
func (r *run) ackTogether(some []*errand, errs []error) (told bool, err error) {
	if len(some) == 1 {
		return false, nil
	}
	ids := make([]store.LeaseID, len(some))
	for i, e := range some {
		ids[i] = e.Claimed.Lease
	}
	ctx, cancel := context.WithTimeout(r.settling, r.opts.Lease/2)
	defer cancel()
	lost, err := r.outbox.AckAll(ctx, ids)
	if err != nil {
		return false, err
	}
	for i, id := range ids {
		if slices.Contains(lost, id) {
			errs[i] = fmt.Errorf("delivery: acknowledging: %w", store.ErrLeaseLost)
		}
	}
	return true, nil
}
