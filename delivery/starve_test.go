package delivery_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// TestATenantThatHangsDelaysNoOther says that 300 older deliveries of a tenant
// whose receiver hangs delay the few of another by no more than a poll.
func TestATenantThatHangsDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range 300 {
			commitFor(t, s, "hangs", c, 0)
		}
		for c := range 20 {
			commitFor(t, s, "other", 1000+c, 0)
		}
		var hanging, most, sent atomic.Int64
		began := time.Now()
		var took time.Duration
		d := dispatcher(t, s, func(ctx context.Context, d delivery.Delivery) error {
			if d.Tenant == "other" {
				if sent.Add(1) == 20 {
					took = time.Since(began)
				}
				return nil
			}
			most.Store(max(most.Load(), hanging.Add(1)))
			defer hanging.Add(-1)
			<-ctx.Done()
			return ctx.Err()
		}, delivery.Options{SendTimeout: 30 * time.Second})
		runFor(t, d, 5*time.Second)
		require.EqualValues(t, 20, sent.Load())
		require.Less(t, took, 2*time.Second)
		require.EqualValues(t, 16, most.Load(), "half of the slots")
	})
}
