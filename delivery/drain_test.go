package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// slowToSay is an outbox whose answers to a claim arrive late: what it found is
// of before.
type slowToSay struct {
	outbox
	by time.Duration
}

func (s slowToSay) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := s.outbox.Claim(ctx, lease, limit, except...)
	time.Sleep(s.by)
	return claimed, err
}

// Drain hands over all that is due, whichever is slower, the outbox or the
// sender: a claim that found nothing because a message of the chat was on its
// way says nothing of those that come after it.
func TestDrainLeavesNothingThatIsDue(t *testing.T) {
	for _, claim := range []time.Duration{0, time.Millisecond, 40 * time.Millisecond, time.Second} {
		for _, send := range []time.Duration{0, time.Millisecond, 45 * time.Millisecond, 500 * time.Millisecond} {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				for m := range 5 {
					for c := range 3 {
						commit(t, s, c, m)
					}
				}
				d := dispatcher(t, slowToSay{s, claim}, func(context.Context, delivery.Delivery) error { time.Sleep(send); return nil },
					delivery.Options{Lease: time.Minute})
				require.NoError(t, d.Drain(context.Background()))
				require.Zero(t, backlog(t, s).Waiting, "claims take %v and sends %v", claim, send)
			})
		}
	}
}
