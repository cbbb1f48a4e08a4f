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
)

// TestAFreeSlotIsTaken says that a message that found no slot goes out as soon
// as there is one, and waits for no poll: whether its tenant had its share, or
// others had all of them.
func TestAFreeSlotIsTaken(t *testing.T) {
	for name, tenants := range map[string][]string{
		"its share": {"acme", "acme", "acme"},
		"none":      {"acme", "other", "acme"},
		"a third":   {"acme", "other", "late"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				began := time.Now()
				var mu sync.Mutex
				sent := map[int]time.Duration{}
				bubble(t, s, func(_ context.Context, d delivery.Delivery) error {
					c, _ := placeOf(d.MessageID)
					mu.Lock()
					sent[c] = time.Since(began)
					mu.Unlock()
					time.Sleep(10 * time.Second)
					return nil
				}, delivery.Options{Concurrency: 2, PollEvery: time.Hour}, func(d *delivery.Dispatcher) {
					for c, tenant := range tenants {
						require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, c, 0)))
						time.Sleep(time.Second)
					}
					time.Sleep(time.Minute)
				})
				want := map[int]time.Duration{0: 0, 1: time.Second, 2: 10 * time.Second}
				if name == "its share" {
					want = map[int]time.Duration{0: 0, 1: 10 * time.Second, 2: 20 * time.Second}
				}
				assert.Equal(t, want, sent)
			})
		})
	}
}

// TestNothingGoesBeforeWhatWaits says that a message that is committed while
// Run asks for those that wait already, because a slot is free again, goes out
// after them.
func TestNothingGoesBeforeWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range 2 {
			commit(t, s, c, 0)
		}
		var mu sync.Mutex
		var sent []int
		bubble(t, deaf{s, 10 * time.Second}, func(_ context.Context, d delivery.Delivery) error {
			c, _ := placeOf(d.MessageID)
			mu.Lock()
			sent = append(sent, c)
			mu.Unlock()
			time.Sleep(5 * time.Second)
			return nil
		}, delivery.Options{Concurrency: 1, Lease: time.Minute}, func(d *delivery.Dispatcher) {
			time.Sleep(20 * time.Second) // the first one was sent at 10 s, and the second is being asked for
			require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, 2, 0)))
			time.Sleep(time.Minute)
		})
		assert.Equal(t, []int{0, 1, 2}, sent)
	})
}

// TestSlotsAreTakenAtOnce says that Run asks until all that may begin has
// begun, for whatever tenants it is, and does not rest before.
func TestSlotsAreTakenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range 80 {
			commitFor(t, s, fmt.Sprint("tenant ", c/20), c, 0)
		}
		var begun atomic.Int64
		release := make(chan struct{})
		defer close(release)
		bubble(t, s, func(context.Context, delivery.Delivery) error {
			begun.Add(1)
			<-release
			return nil
		}, delivery.Options{SendTimeout: time.Hour, StopWithin: time.Second}, func(*delivery.Dispatcher) {
			assert.EqualValues(t, 16+8+4+2, begun.Load(), "each has half of what is free when it comes")
			time.Sleep(10 * time.Second)
			assert.EqualValues(t, 16+8+4+2, begun.Load())
		})
	})
}

// TestSlotsBoundWhatIsSent says that no more messages are sent at once than
// there are slots, of whichever tenants, whether they are claimed or leased as
// they are committed; and that all slots are used.
func TestSlotsBoundWhatIsSent(t *testing.T) {
	const slots, tenants, chats = 5, 7, 6
	for name, direct := range map[string]bool{"claimed": false, "committed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				all := func(do func(tenant string, c int)) {
					for i := range tenants * chats {
						do(fmt.Sprint("tenant ", i%tenants), i)
					}
				}
				if !direct {
					all(func(tenant string, c int) { commitFor(t, s, tenant, c, 0) })
				}
				var going, most, sent atomic.Int64
				bubble(t, s, func(context.Context, delivery.Delivery) error {
					most.Store(max(most.Load(), going.Add(1)))
					defer going.Add(-1)
					time.Sleep(time.Second)
					sent.Add(1)
					return nil
				}, delivery.Options{Concurrency: slots}, func(d *delivery.Dispatcher) {
					if direct {
						all(func(tenant string, c int) {
							require.NoError(t, d.Commit(context.Background(), s, planFor(t, s, tenant, c, 0)))
						})
					}
					time.Sleep(time.Minute)
				})
				assert.EqualValues(t, slots, most.Load())
				assert.EqualValues(t, tenants*chats, sent.Load())
			})
		})
	}
}
