package delivery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// senderFunc is a network of one function.
type senderFunc func(ctx context.Context, d delivery.Delivery) error

func (f senderFunc) Send(ctx context.Context, d delivery.Delivery) error { return f(ctx, d) }

// log remembers settlements.
type log struct {
	mu  sync.Mutex
	all []delivery.Settlement
}

func (l *log) add(s delivery.Settlement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s)
}

func (l *log) results() []delivery.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	results := make([]delivery.Result, 0, len(l.all))
	for _, s := range l.all {
		results = append(results, s.Result)
	}
	return results
}

// runFor runs a dispatcher for some time of a bubble and returns when it has
// stopped.
func runFor(t *testing.T, d *delivery.Dispatcher, running time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), running)
	defer cancel()
	require.ErrorIs(t, d.Run(ctx), context.DeadlineExceeded)
}

func dispatcher(t require.TestingT, s store.Outbox, send senderFunc, o delivery.Options) *delivery.Dispatcher {
	d, err := delivery.New(s, send, o)
	require.NoError(t, err)
	return d
}

// TestBackoffGrowsWithJitter is the law of the waits: attempt n+1 begins at
// least half of Backoff·2ⁿ⁻¹, up to MaxBackoff, after attempt n ended, or what
// the network asked for; and no later than all of that and one poll.
func TestBackoffGrowsWithJitter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			o := delivery.Options{
				Attempts:   rapid.IntRange(1, 10).Draw(t, "attempts"),
				Backoff:    time.Duration(rapid.IntRange(1, 3000).Draw(t, "backoff ms")) * time.Millisecond,
				MaxBackoff: time.Duration(rapid.IntRange(1, 60).Draw(t, "longest s")) * time.Second,
				PollEvery:  100 * time.Millisecond,
			}
			asked := time.Duration(rapid.IntRange(0, 120).Draw(t, "asked s")) * time.Second
			var l log
			ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
			defer cancel()
			o.Settled = func(s delivery.Settlement) {
				if l.add(s); s.Result == delivery.Parked {
					cancel()
				}
			}
			var begun []time.Time
			s := newOutbox()
			commit(t, s, 0, 0)
			d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
				begun = append(begun, time.Now())
				return &delivery.Failure{Err: errFault, RetryAfter: asked}
			}, o)
			_ = d.Run(ctx)
			require.Len(t, begun, o.Attempts)
			for i, at := range begun[1:] {
				whole := min(o.Backoff<<i, o.MaxBackoff)
				waited := at.Sub(begun[i])
				floor := max(whole/2, min(asked, o.MaxBackoff))
				assert.GreaterOrEqual(t, waited, floor)
				assert.LessOrEqual(t, waited, max(whole, floor)+o.PollEvery)
				assert.GreaterOrEqual(t, l.all[i].Wait, floor)
				assert.ErrorIs(t, l.all[i].Err, errFault)
			}
			require.Equal(t, delivery.Parked, l.all[len(l.all)-1].Result)
		})
	})
}

// TestWaitsDiffer says that messages that failed together are not tried again
// together.
func TestWaitsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range 32 {
			commit(t, s, c, 0)
		}
		waits := map[time.Duration]bool{}
		d := dispatcher(t, s, func(context.Context, delivery.Delivery) error { return errFault }, delivery.Options{
			Concurrency: 1,
			Settled:     func(s delivery.Settlement) { waits[s.Wait] = true },
		})
		require.NoError(t, d.Drain(context.Background()))
		assert.Greater(t, len(waits), 16)
	})
}

// TestLeaseIsKept says that a message that takes long to send stays ours: the
// other dispatcher of the outbox does not get it.
func TestLeaseIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		sends := 0
		send := func(context.Context, delivery.Delivery) error {
			sends++
			time.Sleep(55 * time.Second)
			return nil
		}
		o := delivery.Options{SendTimeout: time.Minute, Lease: 10 * time.Second}
		first, second := dispatcher(t, s, send, o), dispatcher(t, s, send, o)
		var wg sync.WaitGroup
		wg.Go(func() { runFor(t, first, 2*time.Minute) })
		wg.Go(func() { runFor(t, second, 2*time.Minute) })
		wg.Wait()
		assert.Equal(t, 1, sends)
		assert.Zero(t, backlog(t, s).Waiting)
	})
}

// deaf is an outbox that takes its time for a claim and hears of leases no
// more.
type deaf struct {
	store.Outbox
	slow time.Duration
}

func (d deaf) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := d.Outbox.Claim(ctx, lease, limit, except...)
	time.Sleep(d.slow)
	return claimed, err
}
func (deaf) Renew(context.Context, store.LeaseID, time.Duration) error { return errFault }

// TestSendEndsBeforeItsLease says that a message whose lease cannot be renewed
// is let go of before another process can claim it, however long the claim
// took.
func TestSendEndsBeforeItsLease(t *testing.T) {
	for _, slow := range []time.Duration{0, 4 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newOutbox()
			commit(t, s, 0, 0)
			began := time.Now()
			var ended time.Time
			var cause error
			d := dispatcher(t, deaf{s, slow}, func(ctx context.Context, _ delivery.Delivery) error {
				<-ctx.Done()
				ended, cause = time.Now(), context.Cause(ctx)
				return ctx.Err()
			}, delivery.Options{Lease: 10 * time.Second})
			runFor(t, d, 9500*time.Millisecond)
			require.ErrorIs(t, cause, store.ErrLeaseLost)
			require.Less(t, ended.Sub(began), 10*time.Second)
			require.Greater(t, ended.Sub(began), 5*time.Second, "it is not given up early either")
		})
	}
}

// TestParkedAreListedAndReleased says that a message that cannot be sent lets
// the later ones pass, and can be sent again when an operator says so.
func TestParkedAreListedAndReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := newOutbox()
		commit(t, s, 0, 0)
		commit(t, s, 0, 1)
		var sent []int
		broken := true
		d := dispatcher(t, s, func(_ context.Context, d delivery.Delivery) error {
			_, m := placeOf(d.MessageID)
			if m == 0 && broken {
				return &delivery.Failure{Err: errFault, Permanent: true}
			}
			sent = append(sent, m)
			return nil
		}, delivery.Options{})
		require.NoError(t, d.Drain(ctx))
		assert.Equal(t, []int{1}, sent)

		parked, _, err := s.Parked(ctx, tenant, uuid.Nil, 0)
		require.NoError(t, err)
		require.Len(t, parked, 1)
		broken = false
		require.NoError(t, s.Release(ctx, tenant, parked[0].Delivery.MessageID, false))
		require.NoError(t, d.Drain(ctx))
		assert.Equal(t, []int{1, 0}, sent)
		assert.Equal(t, store.Backlog{}, backlog(t, s))
	})
}

// TestWake says that nobody has to wait for a poll.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		var sent time.Time
		d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
			sent = time.Now()
			return nil
		}, delivery.Options{PollEvery: time.Hour})
		var wg sync.WaitGroup
		wg.Go(func() { runFor(t, d, time.Minute) })
		time.Sleep(10 * time.Second)
		commit(t, s, 0, 0)
		at := time.Now()
		d.Wake()
		wg.Wait()
		assert.Equal(t, at, sent)
	})
}

func TestOptionsOutOfRange(t *testing.T) {
	send := senderFunc(func(context.Context, delivery.Delivery) error { return nil })
	_, err := delivery.New(nil, send, delivery.Options{})
	require.Error(t, err)
	_, err = delivery.New(newOutbox(), nil, delivery.Options{})
	require.Error(t, err)
	for name, o := range map[string]delivery.Options{
		"concurrency": {Concurrency: -1}, "attempts": {Attempts: -1}, "lease": {Lease: -1}, "timeout": {SendTimeout: -1},
		"backoff": {Backoff: -1}, "longest": {MaxBackoff: -1}, "poll": {PollEvery: -1}, "stop": {StopWithin: -1},
	} {
		_, err := delivery.New(newOutbox(), send, o)
		require.Error(t, err, name)
	}
}

func TestFailuresUnwrap(t *testing.T) {
	var f *delivery.Failure
	err := error(&delivery.Failure{Err: errFault, LineFlagged: true, Permanent: true})
	require.ErrorIs(t, err, errFault)
	require.True(t, errors.As(err, &f) && f.LineFlagged)
}
