package delivery_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// TestAFreeSlotIsTaken says that a message that found no slot goes out as soon as
// there is one, and waits for no poll: whether its tenant had its share, or others had
// all of them.
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
