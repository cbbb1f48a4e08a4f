package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// world is an outbox, a network and the processes between them, with faults that
// depend on the seed and on what is being done for the how-manieth time, in the
// time of a synctest bubble.
type world struct {
	outbox
	seed     uint64
	attempts int
	storeBad float64 // how often a call of the store fails
	netBad   float64 // how often the network does

	// In a gentle world the store fails for moments only: at once, and never for
	// more than three calls of one kind in a row. The network takes its time.
	gentle bool
	takes  time.Duration // the longest that the network takes for a message where it does not fail

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

// mayFail says whether the next call of a kind, whose turn it is to fail, may. It
// has to be asked once a call.
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

// process is one incarnation of a dispatcher's process.
type process struct {
	*world
	dispatcher *delivery.Dispatcher
	name       string
	sending    map[int]int // its calls of Send on their way, by chat
	killed     bool        // like sending, guarded by the world
}

// kill ends a process: what it goes on to do has no effect.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	for c, n := range p.sending {
		p.world.sending[c] -= n
	}
	p.world.kills++
}

func (p *process) isKilled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// call lets a call of the store happen, or fail before or after it happened, or
// take long. A killed process reaches nothing any more.
func (p *process) call(ctx context.Context, what string, do func(context.Context) error) error {
	switch {
	case p.isKilled():
		return errFault
	case p.isDown():
		return errAway
	}
	r := p.chance(what)
	if p.isCalm() || r.Float64() >= p.storeBad || !p.mayFail(what) {
		return do(ctx)
	}
	kinds, after := 4, false
	if p.gentle {
		kinds = 2
	}
	switch r.IntN(kinds) {
	case 0:
		return []error{errFault, errAway}[r.IntN(2)]
	case 1:
		after = true
	default:
		select {
		case <-time.After(time.Duration(r.Int64N(int64(6 * time.Second)))):
		case <-ctx.Done():
			return ctx.Err()
		}
		if p.isKilled() {
			return errFault
		}
	}
	err := do(ctx)
	if after && err == nil {
		return errFault
	}
	return err
}

func (p *process) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) (claimed []store.Claimed, err error) {
	err = p.call(ctx, p.name+" claim", func(ctx context.Context) (err error) {
		claimed, err = p.outbox.Claim(ctx, lease, limit, except...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (p *process) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	return p.call(ctx, "renew "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Renew(ctx, id, lease) })
}

func (p *process) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	return p.call(ctx, "try "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Try(ctx, id, attempts) })
}

func (p *process) Ack(ctx context.Context, id store.LeaseID) error {
	return p.call(ctx, "ack "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Ack(ctx, id) })
}

func (p *process) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	err = p.call(ctx, p.name+" ack all", func(ctx context.Context) (err error) {
		lost, err = p.outbox.AckAll(ctx, ids)
		return err
	})
	return lost, err
}

func (p *process) CommitLeased(ctx context.Context, plan *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	err = p.call(ctx, p.name+" commit", func(ctx context.Context) (err error) {
		id, err = p.outbox.CommitLeased(ctx, plan, lease)
		return err
	})
	if err != nil {
		return store.LeaseID{}, err
	}
	return id, nil
}

func (p *process) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return p.call(ctx, "nack "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Park(ctx, id, attempts, why) })
}

func (p *process) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return p.call(ctx, "nack "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Nack(ctx, id, attempts, wait) })
}

// Send is the network: it takes the message, or fails, or takes it and fails to
// say so, at once or after a long time.
func (p *process) Send(ctx context.Context, d delivery.Delivery) error {
	p.begin(d)
	defer p.end(d)
	r := p.chance("send " + d.MessageID.String())
	var took time.Duration
	if p.takes > 0 {
		took = time.Duration(r.Int64N(int64(p.takes) + 1))
	}
	taken, err := true, error(nil)
	if !p.isCalm() && r.Float64() < p.netBad {
		took = []time.Duration{0, 20 * time.Millisecond, 4 * time.Second, 25 * time.Second, 40 * time.Second}[r.IntN(5)]
		switch r.IntN(6) {
		case 0:
			taken, err = false, &delivery.Failure{Err: errFault, Permanent: true}
		case 1:
			taken, err = false, &delivery.Failure{Err: errFault, RetryAfter: 20 * time.Second}
		case 2:
			taken, err = true, errFault
		case 3:
			taken, err = false, errFault
		case 4:
			defer panic("injected panic")
			taken = false
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(took):
	}
	if p.isKilled() {
		return errFault
	}
	if taken {
		p.take(d)
	}
	return err
}

// begin checks that no other message of the chat is being sent.
func (p *process) begin(d delivery.Delivery) {
	w := p.world
	c, m := placeOf(d.MessageID)
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.killed {
		return
	}
	p.sending[c]++
	w.sends[d.MessageID]++
	// Of two sends at most one does not count: one that the process did not survive.
	if w.sends[d.MessageID] > 2*w.attempts {
		w.breakLaw("message %d of chat %d was sent %d times", m, c, w.sends[d.MessageID])
	}
	if 2*d.Attempt < w.sends[d.MessageID] {
		w.breakLaw("send %d of message %d of chat %d was called attempt %d", w.sends[d.MessageID], m, c, d.Attempt)
	}
	if w.sending[c]++; w.sending[c] > 1 {
		w.breakLaw("two messages of chat %d on their way at once", c)
	}
	if d.ChatID != chatID(c) || d.Tenant != tenant || d.From != ourLine || !d.To.Equal(people(c)) {
		w.breakLaw("message %d of chat %d was sent as another one", m, c)
	}
}

func (p *process) end(d delivery.Delivery) {
	c, _ := placeOf(d.MessageID)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.killed {
		p.sending[c]--
		p.world.sending[c]--
	}
}

// take records that the network has the message, and checks that it has, or
// somebody parked, the earlier ones of the chat.
func (p *process) take(d delivery.Delivery) {
	w := p.world
	parked, _, err := w.outbox.Parked(context.Background(), tenant, uuid.Nil, 0)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.breakLaw("parked: %v", err)
	}
	c, m := placeOf(d.MessageID)
	for earlier := range m {
		id := messageID(c, earlier)
		isParked := slices.ContainsFunc(parked, func(p store.ParkedDelivery) bool { return p.Delivery.MessageID == id })
		if len(w.taken[id]) == 0 && !isParked {
			w.breakLaw("message %d of chat %d was taken before message %d", m, c, earlier)
		}
	}
	w.taken[d.MessageID] = append(w.taken[d.MessageID], time.Now())
}

// send commits the next message of a chat: by a process that may lease it at once,
// if there is one, and finds out what came of it, as a Router does.
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

// Release and the others reach the store as they are.
func (p *process) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	return p.outbox.Parked(ctx, tenant, after, limit)
}
func (p *process) Release(ctx context.Context, tenant string, id uuid.UUID, leave bool) error {
	return p.outbox.Release(ctx, tenant, id, leave)
}
func (p *process) Backlog(ctx context.Context) (store.Backlog, error) { return p.outbox.Backlog(ctx) }

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

// lossless is the law of the package: under any schedule of faults, kills and
// restarts nothing is lost, the order within each chat is kept, and nothing is
// sent more often than the attempts allow.
func lossless(t *rapid.T) {
	chats := rapid.IntRange(1, 4).Draw(t, "chats")
	w := &world{
		outbox:   newOutbox(),
		seed:     rapid.Uint64().Draw(t, "seed"),
		attempts: rapid.IntRange(1, 6).Draw(t, "attempts"),
		storeBad: rapid.SampledFrom([]float64{0, 0.1, 0.4}).Draw(t, "faults of the store"),
		netBad:   rapid.SampledFrom([]float64{0, 0.2, 0.7}).Draw(t, "faults of the network"),
		calls:    map[string]int{}, taken: map[uuid.UUID][]time.Time{}, sends: map[uuid.UUID]int{}, sending: map[int]int{},
		committed: make([]int, chats),
	}
	options := delivery.Options{Concurrency: rapid.IntRange(1, 3).Draw(t, "concurrency")}
	type running struct {
		p    *process
		stop func()
		done chan struct{}
	}
	var alive, ended, started []running
	// A fuzz input that is too short ends a draw by a panic; whoever runs then is
	// stopped, or the bubble could not end.
	defer func() {
		for _, r := range started {
			r.stop()
			<-r.done
		}
	}()
	send := func() {
		c := rapid.IntRange(0, chats-1).Draw(t, "chat")
		var by *process
		if len(alive) > 0 && rapid.Bool().Draw(t, "by a process") {
			by = alive[rapid.IntRange(0, len(alive)-1).Draw(t, "which")].p
		}
		w.send(t, by, c)
	}
	send()
	for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"send", "send", "start", "stop", "kill", "wait", "outage"}).Draw(t, "step") {
		case "send":
			send()
		case "start":
			if len(alive) < 3 {
				p, stop, done := w.start(fmt.Sprint("process ", i), options)
				alive = append(alive, running{p, stop, done})
				started = append(started, running{p, stop, done})
			}
		case "stop", "kill":
			if len(alive) == 0 {
				continue
			}
			r := alive[0]
			alive = alive[1:]
			if rapid.Bool().Draw(t, "kill") {
				r.p.kill()
			}
			r.stop()
			ended = append(ended, r)
		case "outage":
			down := time.Now().Add(time.Duration(rapid.IntRange(1, 40_000).Draw(t, "ms")) * time.Millisecond)
			w.mu.Lock() // after the draw, which may panic
			w.down = down
			w.mu.Unlock()
			w.outages++
		case "wait":
			time.Sleep(time.Duration(rapid.IntRange(1, 60_000).Draw(t, "ms")) * time.Millisecond)
		}
	}
	w.soothe()
	for _, r := range alive {
		r.stop()
		ended = append(ended, r)
	}
	w.finish(t, options)
	for _, r := range ended {
		<-r.done
	}
	require.Empty(t, w.broken)
	parked := w.parked(t)
	for c, n := range w.committed {
		for m := range n {
			id := messageID(c, m)
			isParked := parked[id]
			require.True(t, len(w.taken[id]) > 0 || isParked, "message %d of chat %d is lost", m, c)
			if w.storeBad == 0 && w.netBad == 0 && w.kills == 0 && w.outages == 0 {
				require.False(t, isParked, "nothing failed, and message %d of chat %d is parked", m, c)
			}
		}
	}
}

func TestNothingIsLostAndOrderIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, lossless) })
}

func FuzzNothingIsLostAndOrderIsKept(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { rapid.SyncTest(t, lossless) }))
}
