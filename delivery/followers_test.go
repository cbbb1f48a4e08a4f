package delivery_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// TestAFollowerHurriesTheAcknowledgement says that a message which is committed
// while the one before it was handed over and waits to be acknowledged goes out
// at once.
func TestAFollowerHurriesTheAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		var last atomic.Int64
		bubble(t, s, func(context.Context, delivery.Delivery) error {
			last.Store(time.Now().UnixNano())
			return nil
		}, delivery.Options{PollEvery: time.Hour, Gather: time.Second}, func(d *delivery.Dispatcher) {
			require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 1, 0)))
			time.Sleep(100 * time.Millisecond)
			at := time.Now()
			require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 1, 1)))
			synctest.Wait()
			assert.Equal(t, at.UnixNano(), last.Load())
		})
		assert.Zero(t, backlog(t, s).Waiting)
	})
}

// lateAck is an outbox whose answers to acknowledgements come late.
type lateAck struct {
	outbox
	late time.Duration
}

func (s lateAck) Ack(ctx context.Context, id store.LeaseID) error {
	err := s.outbox.Ack(ctx, id)
	time.Sleep(s.late)
	return err
}

// TestFollowersAreFound says that a message that finds another one before it in
// its chat goes out right after that one, also if it was committed elsewhere,
// or while the answer to an acknowledgement is on its way.
func TestFollowersAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := lateAck{newOutbox(), time.Second}
		began := time.Now()
		var mu sync.Mutex
		sent := map[int]time.Duration{}
		bubble(t, s, func(_ context.Context, d delivery.Delivery) error {
			_, m := placeOf(d.MessageID)
			mu.Lock()
			sent[m] = time.Since(began)
			mu.Unlock()
			if m == 1 {
				time.Sleep(4 * time.Second)
			}
			return nil
		}, delivery.Options{PollEvery: time.Hour, Gather: time.Second}, func(d *delivery.Dispatcher) {
			direct := func(m int) {
				require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 1, m)))
			}
			direct(0) // acknowledged after 1 s, which is known after 2
			time.Sleep(1500 * time.Millisecond)
			direct(1) // on its way until 5.5 s, known to be acknowledged after 6.5
			time.Sleep(time.Second)
			direct(2)
			time.Sleep(10 * time.Second)
			commit(t, s, 1, 3)
			direct(4)
			time.Sleep(10 * time.Second)
		})
		want := map[int]time.Duration{
			0: 0, 1: 1500 * time.Millisecond, 2: 6500 * time.Millisecond, 3: 12500 * time.Millisecond, 4: 13500 * time.Millisecond,
		}
		assert.Equal(t, want, sent)
		assert.Zero(t, backlog(t, s).Waiting)
	})
}

// TestOnlyADeliveryIsLookedFor says that a commit that fails, or has nothing to
// send, makes Run ask its outbox for nothing.
func TestOnlyADeliveryIsLookedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newOutbox())
		release := make(chan struct{})
		defer close(release)
		send := func(_ context.Context, d delivery.Delivery) error {
			if d.Tenant == tenant {
				<-release
			}
			return nil
		}
		bubble(t, w, send, delivery.Options{Concurrency: 2, PollEvery: time.Hour, StopWithin: time.Second}, func(d *delivery.Dispatcher) {
			asked := func() int {
				synctest.Wait()
				w.mu.Lock()
				defer w.mu.Unlock()
				return len(w.calls["claim"])
			}
			ctx := context.Background()
			begun := asked()
			require.NoError(t, d.Commit(ctx, w, planFor(t, w, tenant, 0, 0)))  // takes the one slot of its tenant
			require.NoError(t, d.Commit(ctx, w, planFor(t, w, "other", 3, 0))) // which is sent at once
			before := asked()
			assert.Equal(t, begun, before, "neither does one that found a slot")
			nothing := planFor(t, w, tenant, 1, 0)
			nothing.Content = nil
			require.NoError(t, d.Commit(ctx, w, nothing))
			stale := planFor(t, w, tenant, 2, 0)
			stale.Revision++
			require.Error(t, d.Commit(ctx, w, stale))
			assert.Equal(t, before, asked())
			require.NoError(t, d.Commit(ctx, w, planFor(t, w, tenant, 2, 0)))
			assert.Equal(t, before+1, asked())
		})
	})
}
