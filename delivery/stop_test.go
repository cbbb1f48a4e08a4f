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

// TestStopFinishesWhatIsBeingSent says that a stopped dispatcher claims nothing
// more, finishes what it can in time and gives the rest back at once.
func TestStopFinishesWhatIsBeingSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range 3 {
			commit(t, s, c, 0)
		}
		var l log
		takes := []time.Duration{5 * time.Second, time.Hour, time.Hour}
		d := dispatcher(t, s, func(ctx context.Context, d delivery.Delivery) error {
			c, _ := placeOf(d.MessageID)
			select {
			case <-time.After(takes[c]):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, delivery.Options{Concurrency: 4, SendTimeout: 2 * time.Hour, StopWithin: 8 * time.Second, Settled: l.add})
		began := time.Now()
		runFor(t, d, time.Second)
		assert.Equal(t, 9*time.Second, time.Since(began))
		assert.Equal(t, []delivery.Result{delivery.Sent, delivery.Returned}, l.results())

		claimed, err := s.Claim(context.Background(), time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, claimed, 2, "what was not finished is due again")
	})
}

// TestStopsUseUpAttempts says what Options.Attempts does: a send that is cut
// short by every stop is parked in the end, and counts anew when it is
// released.
func TestStopsUseUpAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		var l log
		d := dispatcher(t, s, func(ctx context.Context, _ delivery.Delivery) error {
			<-ctx.Done()
			return ctx.Err()
		}, delivery.Options{Attempts: 2, StopWithin: time.Second, Settled: l.add})
		for range 3 {
			runFor(t, d, time.Second)
		}
		want := []delivery.Result{delivery.Returned, delivery.Returned, delivery.Parked}
		require.Equal(t, want, l.results())
		require.NoError(t, s.Release(context.Background(), tenant, messageID(0, 0), false))
		runFor(t, d, time.Second)
		require.Equal(t, append(want, delivery.Returned), l.results())
	})
}

// TestTimeToStopIncludesAClaim says that a claim that is answered late takes
// nothing beyond the time to stop in.
func TestTimeToStopIncludesAClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		d := dispatcher(t, deaf{s, 4 * time.Second}, func(ctx context.Context, _ delivery.Delivery) error {
			<-ctx.Done()
			return ctx.Err()
		}, delivery.Options{StopWithin: 5 * time.Second})
		began := time.Now()
		runFor(t, d, time.Second)
		assert.Equal(t, 6*time.Second, time.Since(began))
	})
}

// TestDrain says that Drain hands over all that is due, chat after chat in
// order, and leaves what waits for a retry.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for m := range 5 {
			for c := range 4 {
				commit(t, s, c, m)
			}
		}
		var mu sync.Mutex
		sent := map[int][]int{}
		d := dispatcher(t, s, func(_ context.Context, d delivery.Delivery) error {
			c, m := placeOf(d.MessageID)
			if c == 3 && m == 2 {
				return errFault
			}
			mu.Lock()
			defer mu.Unlock()
			sent[c] = append(sent[c], m)
			return nil
		}, delivery.Options{Concurrency: 2, Backoff: time.Hour, MaxBackoff: time.Hour})
		require.NoError(t, d.Drain(context.Background()))
		whole := []int{0, 1, 2, 3, 4}
		assert.Equal(t, map[int][]int{0: whole, 1: whole, 2: whole, 3: {0, 1}}, sent)
		assert.Equal(t, 3, backlog(t, s).Waiting)
	})
}

// TestRunEndsWithItsOutbox says that Run does not go on asking what is closed,
// and lets what is being sent go on for the time to stop in.
func TestRunEndsWithItsOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		sent := false
		d := dispatcher(t, &closedOutbox{Outbox: s}, func(ctx context.Context, _ delivery.Delivery) error {
			sent = true
			<-ctx.Done()
			return ctx.Err()
		}, delivery.Options{StopWithin: 3 * time.Second})
		began := time.Now()
		require.ErrorIs(t, d.Run(context.Background()), store.ErrClosed)
		require.True(t, sent)
		require.Equal(t, 3*time.Second, time.Since(began).Truncate(time.Second))
	})
}

// closedOutbox is an outbox that is closed after its first claim.
type closedOutbox struct {
	store.Outbox
	closed bool
}

func (c *closedOutbox) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	if c.closed {
		return nil, store.ErrClosed
	}
	c.closed = true
	return c.Outbox.Claim(ctx, lease, limit, except...)
}

// slowCommit is an outbox whose commits are answered late.
type slowCommit struct {
	outbox
	takes time.Duration
}

func (s slowCommit) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	id, err := s.outbox.CommitLeased(ctx, p, lease)
	time.Sleep(s.takes)
	return id, err
}

// TestStopDuringACommit says that a message whose commit ends while Run stops
// is handed over within the time to stop in, and that Run does not wait for one
// that ends later: it rests until its lease has run out.
func TestStopDuringACommit(t *testing.T) {
	for takes, want := range map[time.Duration]int{2 * time.Second: 1, time.Hour: 0} {
		synctest.Test(t, func(t *testing.T) {
			s := slowCommit{newOutbox(), takes}
			var sent atomic.Int64
			d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
				sent.Add(1)
				return nil
			}, delivery.Options{StopWithin: 5 * time.Second})
			began := time.Now()
			go func() {
				time.Sleep(time.Millisecond)
				assert.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 1, 0)))
			}()
			runFor(t, d, time.Second)
			assert.LessOrEqual(t, time.Since(began), 8*time.Second)
			assert.EqualValues(t, want, sent.Load())
			assert.Equal(t, 1-want, backlog(t, s).Waiting)
			time.Sleep(2 * time.Hour)
			require.NoError(t, d.Drain(context.Background()))
			assert.EqualValues(t, 1, sent.Load())
		})
	}
}
