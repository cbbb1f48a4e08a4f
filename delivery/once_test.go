package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// sentOnce is the law of a store that fails for moments, before or after it did
// what it was asked for: while leases can be kept and no process dies, no
// message is handed over twice, however long each takes and however often
// processes are stopped and started.
func sentOnce(t *rapid.T) {
	chats := rapid.IntRange(1, 4).Draw(t, "chats")
	w := &world{
		outbox: newOutbox(), seed: rapid.Uint64().Draw(t, "seed"), attempts: 12,
		storeBad: rapid.SampledFrom([]float64{0.2, 0.6, 1}).Draw(t, "faults of the store"),
		gentle:   true, takes: 25 * time.Second,
		calls: map[string]int{}, turns: map[string]int{}, taken: map[uuid.UUID][]time.Time{}, sends: map[uuid.UUID]int{}, sending: map[int]int{},
		committed: make([]int, chats),
	}
	options := delivery.Options{Concurrency: rapid.IntRange(1, 3).Draw(t, "concurrency")}
	var stops []func()
	var alive []*process
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	for i := range rapid.IntRange(1, 15).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"send", "send", "start", "stop", "wait"}).Draw(t, "step") {
		case "send":
			c := rapid.IntRange(0, chats-1).Draw(t, "chat")
			var by *process
			if len(alive) > 0 && rapid.Bool().Draw(t, "by a process") {
				by = alive[rapid.IntRange(0, len(alive)-1).Draw(t, "which")]
			}
			w.send(t, by, c)
		case "start":
			p, stop, done := w.start(fmt.Sprint("process ", i), options)
			alive = append(alive, p)
			stops = append(stops, func() {
				stop()
				<-done
			})
		case "stop":
			if len(stops) > 0 {
				stops[0]()
				stops, alive = stops[1:], alive[1:]
			}
		case "wait":
			time.Sleep(time.Duration(rapid.IntRange(1, 60_000).Draw(t, "ms")) * time.Millisecond)
		}
	}
	w.soothe()
	w.finish(t, options)
	require.Empty(t, w.broken)
	parked := w.parked(t)
	for c, n := range w.committed {
		for m := range n {
			id := messageID(c, m)
			if !parked[id] { // as one is whose claims were lost twelve times
				require.Len(t, w.taken[id], 1, "message %d of chat %d", m, c)
			}
		}
	}
}

func TestPassingFaultsSendNothingTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, sentOnce) })
}

// failing is an outbox some of whose calls fail with an error of its choice.
type failing struct {
	store.Outbox
	err                 error
	renews, acks, nacks int // so many calls, from the first on
}

func (f *failing) next(left *int) error {
	if *left--; *left >= 0 {
		return f.err
	}
	return nil
}

func (f *failing) Renew(ctx context.Context, id store.LeaseID, d time.Duration) error {
	if err := f.next(&f.renews); err != nil {
		return err
	}
	return f.Outbox.Renew(ctx, id, d)
}

func (f *failing) Ack(ctx context.Context, id store.LeaseID) error {
	if err := f.next(&f.acks); err != nil {
		return err
	}
	return f.Outbox.Ack(ctx, id)
}

func (f *failing) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	if err := f.next(&f.acks); err != nil {
		return nil, err
	}
	return f.Outbox.AckAll(ctx, ids)
}

func (f *failing) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	if err := f.next(&f.nacks); err != nil {
		return err
	}
	return f.Outbox.Nack(ctx, id, attempts, wait)
}

func (f *failing) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	if err := f.next(&f.nacks); err != nil {
		return err
	}
	return f.Outbox.Park(ctx, id, attempts, why)
}

// TestWhichErrorsAreFinal is the table of what an error of the outbox means for
// a message that was handed over: what cannot become better ends it, everything
// else is tried again while the lease can be kept.
func TestWhichErrorsAreFinal(t *testing.T) {
	for name, row := range map[string]struct {
		err   error
		final bool
	}{
		"unknown outcome":       {errFault, false},
		"not reached":           {errAway, false},
		"full":                  {store.ErrFull, false},
		"its time was up":       {context.DeadlineExceeded, false},
		"lease lost":            {fmt.Errorf("a store: %w", store.ErrLeaseLost), true},
		"closed":                {fmt.Errorf("a store: %w", store.ErrClosed), true},
		"refuses the arguments": {fmt.Errorf("a store: %w", store.ErrInvalid), true},
	} {
		for call, f := range map[string]failing{"renew": {renews: 2}, "ack": {acks: 2}, "nack": {nacks: 2}} {
			t.Run(name+"/"+call, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f.Outbox, f.err = newOutbox(), row.err
					commit(t, f.Outbox.(outbox), 0, 0)
					sends := 0
					var l log
					d := dispatcher(t, &f, func(ctx context.Context, _ delivery.Delivery) error {
						if sends++; call == "nack" {
							return &delivery.Failure{Err: errFault, Permanent: true}
						}
						select {
						case <-time.After(5 * time.Second):
							return nil
						case <-ctx.Done():
							return context.Cause(ctx)
						}
					}, delivery.Options{Settled: l.add})
					runFor(t, d, 9*time.Second)
					require.Len(t, l.all, 1, "its lease is not over")
					assert.Equal(t, row.final, l.all[0].Result == delivery.Lost)
					if row.final {
						require.ErrorIs(t, l.all[0].Err, row.err)
					}
					assert.Equal(t, 1, sends)
				})
			})
		}
	}
}

// forgetful is an outbox that does what it is told about a lease, and whose
// first answer is an error of its choice.
type forgetful struct {
	store.Outbox
	err   error
	calls int
}

func (f *forgetful) Ack(ctx context.Context, id store.LeaseID) error {
	err := f.Outbox.Ack(ctx, id)
	if f.calls++; f.calls == 1 {
		return f.err
	}
	return err
}

// TestALeaseThatWasLost says what it means that a lease is lost when its
// message was handed over: where an earlier call may have ended it, that it
// did; where that one wrote nothing, that another process has the message.
func TestALeaseThatWasLost(t *testing.T) {
	for err, want := range map[error]delivery.Result{errFault: delivery.Sent, errAway: delivery.Lost} {
		synctest.Test(t, func(t *testing.T) {
			f := &forgetful{Outbox: newOutbox(), err: err}
			commit(t, f.Outbox.(outbox), 0, 0)
			var l log
			send := func(context.Context, delivery.Delivery) error { return nil }
			require.NoError(t, dispatcher(t, f, send, delivery.Options{Settled: l.add}).Drain(context.Background()))
			assert.Equal(t, []delivery.Result{want}, l.results())
			assert.Equal(t, 2, f.calls)
		})
	}
}
