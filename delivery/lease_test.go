package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// TestCallsOfTheOutboxAreBounded says that a call of the outbox which does not
// return is given up after half a lease, so that another try is left.
func TestCallsOfTheOutboxAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		send := outcomes(t, s)
		w := watch(s)
		o := delivery.Options{Lease: 8 * time.Second, Backoff: time.Hour, MaxBackoff: time.Hour}
		require.NoError(t, dispatcher(t, w, send, o).Drain(context.Background()))
		bubble(t, w, send, o, func(d *delivery.Dispatcher) {
			for _, c := range []int{5, 6} {
				require.NoError(t, d.Commit(context.Background(), w, planFor(t, w, tenant, c, 0)))
			}
			time.Sleep(time.Second)
		})
		acks := slices.Concat(w.lasts["ack"], w.lasts["ack all"]) // one, or some that came at a time
		assert.NotEmpty(t, acks)
		for _, name := range []string{"claim", "try", "ack", "ack all", "nack", "park"} {
			if !strings.HasPrefix(name, "ack") {
				assert.NotEmpty(t, w.lasts[name], name)
			}
			for _, lasts := range w.lasts[name] {
				assert.Equal(t, 4*time.Second, lasts, name)
			}
		}
	})
}

// TestSettlingIsTriedAgain says when the outbox is told again how an attempt
// ended, or that one begins: after a random part, at least half, of waits that
// double from 10 ms to a second.
func TestSettlingIsTriedAgain(t *testing.T) {
	const fails = 12
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		send := outcomes(t, s)
		w := watch(s)
		w.fail = map[string]int{"try": fails, "nack": fails, "park": fails}
		d := dispatcher(t, w, send, delivery.Options{Backoff: time.Hour, MaxBackoff: time.Hour})
		require.NoError(t, d.Drain(context.Background()))
		for _, name := range []string{"try", "nack", "park"} {
			require.Len(t, w.calls[name], fails+1, name)
			whole := 10 * time.Millisecond
			for i, at := range w.calls[name][1:] {
				waited := at - w.calls[name][i]
				assert.GreaterOrEqual(t, waited, whole/2, "%s %d", name, i)
				assert.LessOrEqual(t, waited, whole, "%s %d", name, i)
				whole = min(2*whole, time.Second)
			}
		}
		assert.Equal(t, store.Backlog{Waiting: 1, Parked: 1}, onlyCounts(backlog(t, s)))
	})
}

// onlyCounts is a backlog without its times.
func onlyCounts(b store.Backlog) store.Backlog {
	return store.Backlog{Waiting: b.Waiting, Parked: b.Parked}
}

// TestWhenLeasesAreRenewed says that a lease is renewed each time that a third
// of it has passed, and twenty times in it while that fails; and that it counts
// as lost a tenth before it runs out, however long a renewal would last.
func TestWhenLeasesAreRenewed(t *testing.T) {
	const lease = 60 * time.Second
	for name, row := range map[string]struct {
		fail  int
		want  []time.Duration // seconds
		ended time.Duration
	}{
		"all work":   {0, []time.Duration{20, 40, 60, 80}, 90},
		"some fail":  {2, []time.Duration{20, 23, 26, 46, 66, 86}, 90},
		"none works": {99, []time.Duration{20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 53, 54}, 54},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				commit(t, s, 0, 0)
				w := watch(s)
				w.fail["renew"] = row.fail
				var ended time.Duration
				d := dispatcher(t, w, func(ctx context.Context, _ delivery.Delivery) error {
					select {
					case <-time.After(90 * time.Second):
					case <-ctx.Done():
					}
					ended = time.Since(w.made)
					return ctx.Err()
				}, delivery.Options{Lease: lease, SendTimeout: time.Hour, StopWithin: time.Hour})
				runFor(t, d, 55*time.Second)
				for i := range row.want {
					row.want[i] *= time.Second
				}
				assert.Equal(t, row.want, w.calls["renew"])
				assert.Equal(t, row.ended*time.Second, ended)
				until := 54 * time.Second
				for i, at := range w.calls["renew"] {
					assert.Equal(t, max(0, until-at), w.lasts["renew"][i], "renewal %d", i)
					if i >= row.fail {
						until = at + 54*time.Second
					}
				}
			})
		})
	}
}

// TestClaimsAreTriedAgain says when an outbox that fails is asked for
// deliveries again: after a random part, at least half, of waits that double
// from twice PollEvery to 5 s; and after PollEvery when it answered.
func TestClaimsAreTriedAgain(t *testing.T) {
	const fails = 40
	synctest.Test(t, func(t *testing.T) {
		w := watch(newOutbox())
		w.fail["claim"] = fails
		var out bytes.Buffer
		d := dispatcher(t, w, func(context.Context, delivery.Delivery) error { return nil }, delivery.Options{
			PollEvery: 100 * time.Millisecond, Logger: slog.New(slog.NewJSONHandler(&out, nil)),
		})
		runFor(t, d, fails*5*time.Second)
		whole := 200 * time.Millisecond
		require.Greater(t, len(w.calls["claim"]), fails+2)
		for i, at := range w.calls["claim"][1:] {
			waited := at - w.calls["claim"][i]
			if i >= fails {
				assert.Equal(t, 100*time.Millisecond, waited)
				continue
			}
			assert.GreaterOrEqual(t, waited, whole/2, "after failure %d", i+1)
			assert.LessOrEqual(t, waited, whole, "after failure %d", i+1)
			assert.Contains(t, out.String(), fmt.Sprintf(`"failures":%d}`, i+1))
			whole = min(2*whole, 5*time.Second)
		}
	})
}

// TestWhyMessagesAreParked is the table of what parks a message and of how its
// attempts end before that.
func TestWhyMessagesAreParked(t *testing.T) {
	const attempts = 3
	retrying, parked, returned := delivery.Retrying, delivery.Parked, delivery.Returned
	for name, row := range map[string]struct {
		err     error
		used    int // attempts that a stop cut short
		results []delivery.Result
		why     store.ParkReason
	}{
		"all attempts fail":     {errFault, 0, []delivery.Result{retrying, retrying, parked}, store.ParkedAttempts},
		"the last one fails":    {errFault, 2, []delivery.Result{returned, returned, parked}, store.ParkedAttempts},
		"it is refused at once": {&delivery.Failure{Err: errFault, Permanent: true}, 0, []delivery.Result{parked}, store.ParkedRefused},
		"it is refused at last": {&delivery.Failure{Err: errFault, Permanent: true}, 2, []delivery.Result{returned, returned, parked}, store.ParkedRefused},
		"none is left":          {nil, 3, []delivery.Result{returned, returned, returned, parked}, store.ParkedAttempts},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				commit(t, s, 0, 0)
				var l log
				stopping := 0
				d := dispatcher(t, s, func(ctx context.Context, _ delivery.Delivery) error {
					if stopping < row.used {
						<-ctx.Done()
						return ctx.Err()
					}
					return row.err
				}, delivery.Options{Attempts: attempts, StopWithin: time.Second, Settled: l.add})
				for ; stopping < row.used; stopping++ {
					runFor(t, d, time.Second)
				}
				runFor(t, d, time.Minute)
				assert.Equal(t, row.results, l.results())
				assert.Equal(t, row.why, l.all[len(l.all)-1].Why)
				for _, s := range l.all[:len(l.all)-1] {
					assert.Zero(t, s.Why)
				}
			})
		})
	}
}

// TestParkingComesBefore says that a message is not parked while
// Options.Parking fails, and is told of the message that is parked then.
func TestParkingComesBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		var told []delivery.Settlement
		d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
			return &delivery.Failure{Err: errFault, Permanent: true}
		}, delivery.Options{
			Parking: func(_ context.Context, settled delivery.Settlement) error {
				assert.Zero(t, backlog(t, s).Parked)
				if told = append(told, settled); len(told) <= 3 {
					return errFault
				}
				return nil
			},
		})
		require.NoError(t, d.Drain(context.Background()))
		require.Len(t, told, 4)
		assert.Equal(t, messageID(0, 0), told[3].Delivery.MessageID)
		assert.Equal(t, store.ParkedRefused, told[3].Why)
		assert.Equal(t, 1, backlog(t, s).Parked)
	})
}
