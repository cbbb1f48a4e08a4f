package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// world is an outbox, a network and the processes between them, with faults
// that depend on the seed and on what is being done for the how-manieth time,
// in the time of a synctest bubble.
type world struct {
	outbox
	seed     uint64
	attempts int
	storeBad float64 // how often a call of the store fails
	netBad   float64 // how often the network does

	// In a gentle world the store fails for moments only: at once, and never for
	// more than three calls of one kind in a row. The network takes its time.
	gentle bool
	takes  time.Duration // the longest that the network takes for a message if it does not fail

	mu        sync.Mutex
	calm      bool      // no more faults
	down      time.Time // until when no call reaches the store
	calls     map[string]int
	turns     map[string]int // calls whose turn it was to fail, in a gentle world
	committed []int          // messages by chat
	taken     map[uuid.UUID][]time.Time
	sends     map[uuid.UUID]int
	sending   map[int]int // calls of Send on their way, by chat
	kills     int
	outages   int
	broken    []string // laws that were broken
}

var (
	errFault = errors.New("injected fault")

	// errAway is the error of a store that was not reached: nothing was written,
	// and a moment later it may be.
	errAway = fmt.Errorf("%w: %w", store.ErrNotWritten, errFault)
)

func (w *world) breakLaw(format string, args ...any) {
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}

// chance returns random numbers that depend on what is being done, and on how
// often it was done before.
func (w *world) chance(what string) *rand.Rand {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[what]++
	h := fnv.New64a()
	fmt.Fprint(h, what, w.calls[what])
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

// mayFail says whether the next call of a kind, whose turn it is to fail, may.
// It has to be asked once a call.
func (w *world) mayFail(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.gentle {
		return true
	}
	w.turns[what]++
	return w.turns[what]%4 != 0
}

func (w *world) isCalm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calm
}

func (w *world) isDown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Before(w.down)
}

// send commits the next message of a chat: by a process that may lease it at
// once, if there is one, and finds out what came of it, as a Router does.
func (w *world) send(t *rapid.T, by *process, c int) {
	plan := planFor(t, w.outbox, tenant, c, w.committed[c])
	w.committed[c]++
	if by == nil {
		require.NoError(t, w.outbox.Commit(context.Background(), plan))
		return
	}
	if err := by.dispatcher.Commit(context.Background(), w.outbox, plan); err == nil {
		return
	}
	seen, err := w.outbox.Lookup(context.Background(), store.Query{Tenant: tenant, Set: plan.Set.Key(), MessageID: plan.MessageID})
	require.NoError(t, err)
	if seen.Record == nil {
		plan.Revision = seen.Revision
		require.NoError(t, w.outbox.Commit(context.Background(), plan))
	}
}

// start runs a process until it is killed or stopped.
func (w *world) start(name string, o delivery.Options) (p *process, stop func(), done chan struct{}) {
	p = &process{world: w, name: name, sending: map[int]int{}}
	o.Attempts = w.attempts
	d, err := delivery.New(p, p, o)
	if err != nil {
		panic(err)
	}
	p.dispatcher = d
	ctx, cancel := context.WithCancel(context.Background())
	done = make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(ctx)
	}()
	return p, cancel, done
}

// soothe ends all faults.
func (w *world) soothe() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = true
}

// finish lets one more process work until the outbox is empty.
func (w *world) finish(t *rapid.T, o delivery.Options) {
	_, stop, done := w.start("the last", o)
	defer func() {
		stop()
		<-done
	}()
	b := store.Backlog{Waiting: 1}
	for range 10_000 {
		if b.Waiting == 0 {
			return
		}
		time.Sleep(time.Second)
		var err error
		b, err = w.outbox.Backlog(context.Background())
		require.NoError(t, err)
	}
	require.Fail(t, "the outbox never becomes empty")
}

// parked returns which messages are parked.
func (w *world) parked(t *rapid.T) map[uuid.UUID]bool {
	all, _, err := w.outbox.Parked(context.Background(), tenant, uuid.Nil, 0)
	require.NoError(t, err)
	parked := map[uuid.UUID]bool{}
	for _, p := range all {
		parked[p.Delivery.MessageID] = true
	}
	return parked
}
