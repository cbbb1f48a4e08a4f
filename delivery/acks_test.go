package delivery_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// stuck is an outbox that takes no acknowledgement until it is free.
type stuck struct {
	outbox
	free chan struct{}
}

func (s stuck) wait(ctx context.Context) error {
	select {
	case <-s.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s stuck) Ack(ctx context.Context, id store.LeaseID) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.outbox.Ack(ctx, id)
}

func (s stuck) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.outbox.AckAll(ctx, ids)
}

// TestUnacknowledgedMessagesAreBounded says that 1024 messages are handed over
// while the outbox takes no acknowledgement, and not one more, whether they are
// claimed or leased as they are committed; and all others when it takes them
// again.
func TestUnacknowledgedMessagesAreBounded(t *testing.T) {
	const bound, all = 1024, 1100
	for name, direct := range map[string]bool{"claimed": false, "committed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stuck{newOutbox(), make(chan struct{})}
				if !direct {
					for c := range all {
						commit(t, s, c, 0)
					}
				}
				var sent atomic.Int64
				bubble(t, s, func(context.Context, delivery.Delivery) error {
					sent.Add(1)
					return nil
				}, delivery.Options{Concurrency: 1}, func(d *delivery.Dispatcher) {
					for c := range all {
						if direct {
							require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, c, 0)))
						}
						synctest.Wait()
						assert.LessOrEqual(t, sent.Load(), int64(bound))
					}
					assert.EqualValues(t, bound, sent.Load())
					close(s.free)
					time.Sleep(time.Second)
					assert.EqualValues(t, all, sent.Load())
				})
				assert.Zero(t, backlog(t, s))
			})
		})
	}
}

// TestManyDoNotWaitToBeAcknowledged says that messages that nothing waits for
// are acknowledged within Options.Gather, and at once when 256 have come
// together.
func TestManyDoNotWaitToBeAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		send := func(context.Context, delivery.Delivery) error { return nil }
		bubble(t, s, send, delivery.Options{Gather: time.Second}, func(d *delivery.Dispatcher) {
			direct := func(c int) {
				require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, c, 0)))
				synctest.Wait()
			}
			for c := range 255 {
				direct(c)
			}
			assert.Equal(t, 255, backlog(t, s).Waiting)
			direct(255)
			assert.Zero(t, backlog(t, s).Waiting)
			direct(256)
			time.Sleep(time.Second - time.Nanosecond)
			assert.Equal(t, 1, backlog(t, s).Waiting)
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			assert.Zero(t, backlog(t, s).Waiting)
		})
	})
}
