package delivery_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// watched is an outbox that notes when it is called, and until when each call
// may last, as times since it was made. Of each kind of call some fail first.
type watched struct {
	outbox
	made time.Time
	fail map[string]int

	mu    sync.Mutex
	calls map[string][]time.Duration
	lasts map[string][]time.Duration // how long each call may last
}

func watch(s outbox) *watched {
	return &watched{
		outbox: s, made: time.Now(), fail: map[string]int{},
		calls: map[string][]time.Duration{}, lasts: map[string][]time.Duration{},
	}
}

func (w *watched) called(ctx context.Context, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[name] = append(w.calls[name], time.Since(w.made))
	if until, is := ctx.Deadline(); is {
		w.lasts[name] = append(w.lasts[name], time.Until(until))
	} else {
		w.lasts[name] = append(w.lasts[name], 0)
	}
	if w.fail[name]--; w.fail[name] >= 0 {
		return errAway
	}
	return nil
}

func (w *watched) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	if err := w.called(ctx, "claim"); err != nil {
		return nil, err
	}
	return w.outbox.Claim(ctx, lease, limit, except...)
}

func (w *watched) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	if err := w.called(ctx, "renew"); err != nil {
		return err
	}
	return w.outbox.Renew(ctx, id, lease)
}

func (w *watched) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	if err := w.called(ctx, "try"); err != nil {
		return err
	}
	return w.outbox.Try(ctx, id, attempts)
}

func (w *watched) Ack(ctx context.Context, id store.LeaseID) error {
	if err := w.called(ctx, "ack"); err != nil {
		return err
	}
	return w.outbox.Ack(ctx, id)
}

func (w *watched) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	if err := w.called(ctx, "ack all"); err != nil {
		return nil, err
	}
	return w.outbox.AckAll(ctx, ids)
}

func (w *watched) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	if err := w.called(ctx, "nack"); err != nil {
		return err
	}
	return w.outbox.Nack(ctx, id, attempts, wait)
}

func (w *watched) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	if err := w.called(ctx, "park"); err != nil {
		return err
	}
	return w.outbox.Park(ctx, id, attempts, why)
}

// outcomes has a message of each kind: two that are taken, one that is tried
// again, one that is parked, and one that an earlier process died with.
func outcomes(t *testing.T, s outbox) senderFunc {
	commit(t, s, 4, 0)
	_, err := s.Claim(context.Background(), time.Millisecond, 1)
	require.NoError(t, err)
	time.Sleep(time.Second)
	for c := range 4 {
		commit(t, s, c, 0)
	}
	return func(_ context.Context, d delivery.Delivery) error {
		switch c, _ := placeOf(d.MessageID); c {
		case 2:
			return errFault
		case 3:
			return &delivery.Failure{Err: errFault, Permanent: true}
		}
		return nil
	}
}
