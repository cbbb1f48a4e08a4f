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

// standby is an outbox whose claims take effect, but whose answers get lost
// while it is away.
type standby struct {
	store.Outbox
	away atomic.Bool
}

func (s *standby) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := s.Outbox.Claim(ctx, lease, limit, except...)
	if s.away.Load() && len(claimed) > 0 {
		return nil, errAway
	}
	return claimed, err
}

// TestClaimsThatAreNeverUsedParkNothing says that claims whose answers are lost
// are no attempts: all messages go out when the outbox is back.
func TestClaimsThatAreNeverUsedParkNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &standby{Outbox: newOutbox()}
		for c := range 21 {
			commit(t, s.Outbox.(outbox), c, 0)
		}
		var l log
		d := dispatcher(t, s, func(_ context.Context, d delivery.Delivery) error {
			assert.Equal(t, 1, d.Attempt)
			return nil
		}, delivery.Options{Settled: l.add})
		s.away.Store(true)
		runFor(t, d, 330*time.Second)
		assert.Empty(t, l.all)
		s.away.Store(false)
		runFor(t, d, time.Minute)
		assert.Zero(t, backlog(t, s))
		assert.Len(t, l.all, 21)
	})
}

// mortal is an outbox of a process that may have died.
type mortal struct {
	store.Outbox
	dead atomic.Bool
}

func (m *mortal) last() error {
	if m.dead.Load() {
		return store.ErrClosed
	}
	return nil
}

func (m *mortal) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	if err := m.last(); err != nil {
		return err
	}
	return m.Outbox.Renew(ctx, id, lease)
}

func (m *mortal) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	if err := m.last(); err != nil {
		return err
	}
	return m.Outbox.Nack(ctx, id, attempts, wait)
}

func (m *mortal) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	if err := m.last(); err != nil {
		return err
	}
	return m.Outbox.Park(ctx, id, attempts, why)
}

// TestMessageThatKillsItsProcessIsParked says that a message in whose sending
// the process dies each time is parked in the end, also if nothing but its
// death was ever told.
func TestMessageThatKillsItsProcessIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const attempts = 4
		o := newOutbox()
		commit(t, o, 0, 0)
		sends, last := 0, 0
		for range 3 * attempts {
			m := &mortal{Outbox: o}
			ctx, die := context.WithCancel(context.Background())
			d := dispatcher(t, m, func(ctx context.Context, d delivery.Delivery) error {
				sends, last = sends+1, d.Attempt
				m.dead.Store(true)
				die()
				<-ctx.Done()
				return ctx.Err()
			}, delivery.Options{Attempts: attempts, StopWithin: time.Millisecond})
			go func() {
				time.Sleep(time.Minute)
				die()
			}()
			require.ErrorIs(t, d.Run(ctx), context.Canceled)
			time.Sleep(time.Minute) // its lease runs out
		}
		assert.Equal(t, attempts+1, sends)
		assert.Equal(t, attempts, last)
		assert.Equal(t, 1, backlog(t, o).Parked)
	})
}

// TestReceiverUsesUpNoAttempts says that a receiver that takes nothing at all
// may do so for longer than there are attempts.
func TestReceiverUsesUpNoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		commit(t, o, 0, 0)
		sends := 0
		d := dispatcher(t, o, func(_ context.Context, d delivery.Delivery) error {
			sends++
			assert.Equal(t, 1, d.Attempt)
			return &delivery.Failure{Err: errFault, Receiver: true}
		}, delivery.Options{Attempts: 2})
		runFor(t, d, time.Hour)
		assert.Greater(t, sends, 10)
		assert.Zero(t, backlog(t, o).Parked)
	})
}
