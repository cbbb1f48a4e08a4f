package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/internal/absent"
	"github.com/fromline/fromline/store"
)

// Dispatcher hands the deliveries of an outbox to a Sender. It is safe for
// concurrent use. Make one with New.
type Dispatcher struct {
	outbox store.Outbox
	sender Sender
	opts   Options
	wake   chan struct{}
	lines  changes

	receiver receiver            // what is known of it
	running  atomic.Pointer[run] // what Run works on, nil if it does not
}

// New returns a Dispatcher that is not running yet. It fails if the outbox or
// the sender is nil, or an option is negative.
func New(outbox store.Outbox, sender Sender, o Options) (*Dispatcher, error) {
	if absent.Is(outbox) || absent.Is(sender) {
		return nil, errors.New("delivery: the outbox or the Sender is missing: give both to New")
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Dispatcher{outbox: outbox, sender: sender, opts: o, wake: make(chan struct{}, 1)}, nil
}

// Run hands deliveries over when they are due, until the context ends. Then it
// claims nothing more, gives messages that are being sent Options.StopWithin to
// finish, gives the rest back to the outbox, and returns the context's error.
// It blocks and leaves no goroutine behind. If a Sender does not return after
// its context has ended, Run returns without it two seconds later. Run always
// waits for the outbox, so the outbox must return when its context ends.
//
// After an error of the outbox, Run waits and calls it again. It returns before
// the context ends only if another call cannot help: the outbox is closed or
// refuses the lease.
func (d *Dispatcher) Run(ctx context.Context) error { return d.dispatch(ctx, false) }

// Drain hands over all deliveries that are due now, and then returns nil.
// Deliveries that wait for a retry, are parked, or are leased to another
// process stay. If the context ends first, Drain stops as Run does.
func (d *Dispatcher) Drain(ctx context.Context) error { return d.dispatch(ctx, true) }

// Wake makes Run look for deliveries at once. Call it after you have committed
// one. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// run is one call of Run or Drain.
type run struct {
	*Dispatcher
	drain    bool
	ending   context.Context // ends when nothing more is begun
	end      func()          // ends that
	stopped  context.Context // ends when what is being sent has to come to an end
	settling context.Context // ends when what was cut short is no longer given back
	news     chan struct{}   // something ended, so that there may be something to claim

	mu         sync.Mutex
	over       bool               // nothing begins any more
	busy       int                // deliveries that are being sent
	committing int                // those that are being committed, to be sent then
	ready      []*errand          // those that were committed, and wait for a slot
	short      bool               // the last claim left something that may be due, or there was no slot for one
	except     []string           // tenants of whom the last claim left what may be due
	chats      map[chatOf]*errand // what is sent without a claim, until it is acknowledged
	shares                        // of the tenants in what is being sent

	acks acks
	awaiting
}

func (d *Dispatcher) dispatch(ctx context.Context, drain bool) error {
	detached := context.WithoutCancel(ctx)
	stopped, stop := context.WithCancel(detached)
	defer stop()
	settling, giveUp := context.WithCancel(detached)
	defer giveUp()
	ending, end := context.WithCancel(ctx)
	defer end()
	r := &run{
		Dispatcher: d, drain: drain, ending: ending, end: end, stopped: stopped, settling: settling, news: make(chan struct{}, 1),
		chats: map[chatOf]*errand{}, shares: newShares(), acks: newAcks(), awaiting: awaiting{room: make(chan struct{}, maxAwaiting)},
	}
	// The time to stop in runs from when the context ends, also while a claim is
	// waited for.
	countdown := sync.OnceFunc(func() {
		time.AfterFunc(d.opts.StopWithin, stop)
		time.AfterFunc(d.opts.StopWithin+settleTime, giveUp)
	})
	defer context.AfterFunc(ctx, countdown)()
	go r.acknowledge()
	if !drain {
		d.running.Store(r)
	}
	err := r.loop(ctx, drain)
	d.running.CompareAndSwap(r, nil)
	if err != nil {
		countdown()
	}
	r.finish()
	return err
}

// loop begins with deliveries until the context ends, the outbox is of no use
// any more, or, to drain it, nothing is due.
func (r *run) loop(ctx context.Context, drain bool) error {
	failures := 0
	for {
		var claimed int
		var more bool
		var err error
		idle := r.idle() // before the claim, which does not find what comes after a message that is on its way
		if ctx.Err() == nil && r.mayClaim() {
			claimed, more, err = r.claim()
		}
		switch {
		case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrInvalid):
			return err
		case err != nil:
			failures++
			r.complain(err, failures)
		default:
			failures = 0
			if drain && claimed == 0 && !more && idle && ctx.Err() == nil {
				return nil
			}
		}
		if ctx.Err() == nil && !more {
			r.rest(ctx, failures)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// claim leases deliveries, as many as the tenants that have something due may
// have now, and begins with them. There may be more at once, of others or of
// the same. It is not cut short by the end of Run: what was leased would have
// to wait for its lease to run out.
func (r *run) claim() (n int, more bool, err error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(r.settling, r.opts.Lease/2)
	defer cancel()
	r.mu.Lock()
	limit, except := r.ask(r.opts.Concurrency, r.busy)
	r.except = except
	r.mu.Unlock()
	claimed, err := r.outbox.Claim(ctx, r.opts.Lease, limit, except...)
	if err != nil {
		return 0, false, fmt.Errorf("delivery: claiming: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range claimed {
		r.busy++
		r.begins(c.Lease.Tenant)
		go r.deliver(&errand{Claimed: c, since: began})
	}
	more = r.claimed(claimed, limit)
	r.short = more
	return len(claimed), more, nil
}

// rest waits until there may be something to do: a delivery was settled, so
// that the next one of its chat is due, a caller wakes it, or it is time to
// poll.
func (r *run) rest(ctx context.Context, failures int) {
	pause := r.opts.PollEvery
	if failures > 0 {
		const longest = 5 * time.Second
		pause = jitter(doubled(pause, failures, longest))
	}
	poll := time.NewTimer(pause)
	defer poll.Stop()
	select {
	case <-ctx.Done():
	case <-poll.C:
	case <-r.wake:
	case <-r.news:
	}
}

// mayClaim says whether more deliveries may begin. Where none may, there may be
// some that are due.
func (r *run) mayClaim() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy >= r.opts.Concurrency || r.acks.waiting() >= maxUnacknowledged {
		r.short = true
		return false
	}
	return true
}

// idle says whether nothing is being sent, nor waits to be acknowledged.
func (r *run) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.busy == 0 && len(r.ready) == 0 && r.acks.waiting() == 0
}

// ended gives the slot of a delivery back.
func (r *run) ended(tenant string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	r.shares.ends(tenant)
	r.beginReady()
	if r.short || r.over || slices.Contains(r.except, tenant) && r.mayBegin(tenant, r.opts.Concurrency, r.busy) {
		r.tell()
	}
}

// tell says that there may be something to claim, or that something ended.
func (r *run) tell() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// finish waits for what is being sent, and settled. It does not wait for a
// commit that outlasts all that: what it leases has to wait for its lease to
// run out.
func (r *run) finish() {
	r.end()
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	r.acks.hurry()
	for late := r.settling.Done(); !r.finished(); {
		select {
		case <-r.news:
		case <-late:
			late = nil
		}
	}
	r.acks.end()
	r.waiting.Wait()
}

func (r *run) finished() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.busy == 0 && len(r.ready) == 0 && r.acks.waiting() == 0 && (r.committing == 0 || r.settling.Err() != nil)
}

func (d *Dispatcher) complain(err error, failures int) {
	if d.opts.Logger != nil {
		d.opts.Logger.Warn("cannot read or write the outbox of the store; trying again", slog.String("error", err.Error()), slog.Int("failures", failures))
	}
}
