package delivery_test

import (
	"context"
	"fmt"
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

// counted is an outbox that counts calls.
type counted struct {
	outbox
	claims, commits, acks, acked atomic.Int64
}

func (c *counted) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := c.outbox.Claim(ctx, lease, limit, except...)
	if len(claimed) > 0 {
		c.claims.Add(1)
	}
	return claimed, err
}

func (c *counted) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	c.commits.Add(1)
	return c.outbox.CommitLeased(ctx, p, lease)
}

func (c *counted) Ack(ctx context.Context, id store.LeaseID) error {
	c.acks.Add(1)
	c.acked.Add(1)
	return c.outbox.Ack(ctx, id)
}

func (c *counted) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	c.acks.Add(1)
	c.acked.Add(int64(len(ids)))
	return c.outbox.AckAll(ctx, ids)
}

// bubble runs a dispatcher in a bubble while do does something.
func bubble(t *testing.T, s store.Outbox, send senderFunc, o delivery.Options, do func(d *delivery.Dispatcher)) {
	t.Helper()
	d := dispatcher(t, s, send, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	synctest.Wait()
	do(d)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// TestCommittedMessagesNeedNoClaim says that messages of different chats are
// handed over as they are committed, and acknowledged together.
func TestCommittedMessagesNeedNoClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{outbox: newOutbox()}
		var sent atomic.Int64
		bubble(t, s, func(_ context.Context, d delivery.Delivery) error {
			c, m := placeOf(d.MessageID)
			assert.Zero(t, m)
			assert.Equal(t, 1, d.Attempt)
			assert.Equal(t, tenant, d.Tenant)
			assert.Equal(t, people(c), d.To)
			assert.False(t, d.At.IsZero())
			sent.Add(1)
			return nil
		}, delivery.Options{}, func(d *delivery.Dispatcher) {
			for c := range 100 {
				require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, c, 0)))
				time.Sleep(time.Millisecond)
			}
			assert.EqualValues(t, 100, sent.Load())
			time.Sleep(time.Second)
		})
		assert.Zero(t, s.claims.Load())
		assert.EqualValues(t, 100, s.acked.Load())
		assert.LessOrEqual(t, s.acks.Load(), int64(3))
		assert.Zero(t, backlog(t, s).Waiting)
	})
}

// TestCommittedMessagesKeepTheirOrder says that a message goes out right after
// the one before it in its chat was handed over, and waits for no other.
func TestCommittedMessagesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{outbox: newOutbox()}
		var mu sync.Mutex
		var sent []string
		began := time.Now()
		bubble(t, s, func(_ context.Context, d delivery.Delivery) error {
			time.Sleep(10 * time.Second)
			c, m := placeOf(d.MessageID)
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, fmt.Sprintf("%v: %d.%d", time.Since(began), c, m))
			return nil
		}, delivery.Options{PollEvery: time.Hour}, func(d *delivery.Dispatcher) {
			for m := range 3 {
				require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 1, m)))
			}
			time.Sleep(5 * time.Second)
			require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 2, 0)))
			time.Sleep(time.Minute)
		})
		assert.Equal(t, []string{"10s: 1.0", "15s: 2.0", "20s: 1.1", "30s: 1.2"}, sent)
	})
}

// TestCommittedMessagesTakeNoMoreThanTheirShare says that a tenant whose
// receiver hangs has half of the slots, also if nothing is claimed, and that
// nothing goes before what waits.
func TestCommittedMessagesTakeNoMoreThanTheirShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{outbox: newOutbox()}
		var hanging atomic.Int64
		var mu sync.Mutex
		var other []int
		bubble(t, s, func(ctx context.Context, d delivery.Delivery) error {
			if d.Tenant == "other" {
				c, _ := placeOf(d.MessageID)
				mu.Lock()
				defer mu.Unlock()
				other = append(other, c)
				return nil
			}
			hanging.Add(1)
			defer hanging.Add(-1)
			<-ctx.Done()
			return ctx.Err()
		}, delivery.Options{Concurrency: 8, SendTimeout: time.Hour, StopWithin: time.Second}, func(d *delivery.Dispatcher) {
			for c := range 20 {
				require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, "hangs", c, 0)))
			}
			synctest.Wait()
			assert.EqualValues(t, 4, hanging.Load())
			assert.EqualValues(t, 4, s.commits.Load())
			for c := range 3 {
				require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, "other", 100+c, 0)))
				time.Sleep(time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			assert.Equal(t, []int{100, 101, 102}, other)
		})
	})
}

// TestCommitWithoutRun says that what is committed while nothing runs is left
// to the next that does, and so is what a stop cuts short.
func TestCommitWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{outbox: newOutbox()}
		sent := 0
		send := func(context.Context, delivery.Delivery) error {
			sent++
			return nil
		}
		d := dispatcher(t, s, send, delivery.Options{})
		require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 1, 0)))
		assert.Zero(t, s.commits.Load())
		require.NoError(t, d.Drain(context.Background()))
		require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 2, 0)))
		assert.Zero(t, s.commits.Load())
		runFor(t, d, time.Second)
		assert.Equal(t, 2, sent)
		assert.Zero(t, backlog(t, s).Waiting)
	})
}

// TestMessagesCommittedTogether says that messages which are committed at one
// moment are handed over without a claim although they are more than the slots,
// and that no more are on their way than their tenant may have.
func TestMessagesCommittedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{outbox: slowCommit{newOutbox(), 10 * time.Millisecond}}
		var sending, most, sent atomic.Int64
		bubble(t, s, func(context.Context, delivery.Delivery) error {
			most.Store(max(most.Load(), sending.Add(1)))
			time.Sleep(time.Millisecond)
			sending.Add(-1)
			sent.Add(1)
			return nil
		}, delivery.Options{Concurrency: 8, PollEvery: time.Hour}, func(d *delivery.Dispatcher) {
			var all sync.WaitGroup
			for c := range 32 {
				plan := planFor(t, s, tenant, c, 0)
				all.Go(func() { assert.NoError(t, d.Commit(context.Background(), s, plan)) })
			}
			all.Wait()
			time.Sleep(100 * time.Millisecond)
			assert.EqualValues(t, 32, sent.Load())
		})
		assert.EqualValues(t, 32, s.commits.Load())
		assert.Zero(t, s.claims.Load())
		assert.LessOrEqual(t, most.Load(), int64(4))
		assert.Zero(t, backlog(t, s).Waiting)
	})
}

// TestCommitsOnTheirWayAreBounded says that of messages that are committed at
// one moment four times the slots are leased, and the others left to a claim;
// and that a commit which ends gives its place back, also one that fails.
func TestCommitsOnTheirWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{outbox: slowCommit{newOutbox(), time.Second}}
		var sent atomic.Int64
		bubble(t, s, func(context.Context, delivery.Delivery) error {
			sent.Add(1)
			return nil
		}, delivery.Options{Concurrency: 3, PollEvery: time.Hour}, func(d *delivery.Dispatcher) {
			for c := range 20 {
				stale := planFor(t, s, tenant, c, 0)
				stale.Revision++
				require.Error(t, d.Commit(context.Background(), s, stale))
			}
			s.commits.Store(0)
			for round := range 2 {
				for c := range 20 {
					plan := planFor(t, s, tenant, c, round)
					go func() { assert.NoError(t, d.Commit(context.Background(), s, plan)) }()
				}
				time.Sleep(2 * time.Second)
				assert.EqualValues(t, 12*(round+1), s.commits.Load())
				assert.EqualValues(t, 20*(round+1), sent.Load())
			}
		})
		assert.Zero(t, backlog(t, s).Waiting)
	})
}
