package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

var errNoLine = errors.New("injected want of a line")

// lines is a Rerouter that notes when it was asked, and why.
type lines struct {
	way func(asked int, c store.Claimed, why delivery.Leaving) delivery.Way

	mu  sync.Mutex
	at  []time.Time
	why []delivery.Leaving
}

func (l *lines) ask(_ context.Context, c store.Claimed, why delivery.Leaving) delivery.Way {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at, l.why = append(l.at, time.Now()), append(l.why, why)
	return l.way(len(l.at), c, why)
}

// waits are the times between the questions.
func (l *lines) waits() []time.Duration {
	var waits []time.Duration
	for i, at := range l.at[1:] {
		waits = append(waits, at.Sub(l.at[i]))
	}
	return waits
}

// TestWaysOfAMessage is the table of what a Rerouter answers, before an attempt
// and after one that found the line flagged, and of what becomes of the
// message.
func TestWaysOfAMessage(t *testing.T) {
	flagged := &delivery.Failure{Err: errFault, LineFlagged: true, Permanent: true}
	passing := &delivery.Failure{Err: errFault, LineFlagged: true}
	stay, moved := delivery.Way{}, delivery.Way{Moved: true}
	never := delivery.Way{Err: errNoLine, Never: true}
	first, found := []delivery.Leaving{delivery.IfNeeded}, []delivery.Leaving{delivery.IfNeeded, delivery.FoundFlagged}
	for name, row := range map[string]struct {
		before, after delivery.Way
		send          error
		result        delivery.Result
		why           store.ParkReason
		err           error
		sends         int
		asked         []delivery.Leaving
	}{
		"it stays":                       {stay, moved, nil, delivery.Sent, 0, nil, 1, first},
		"it moves":                       {moved, moved, nil, delivery.Rerouted, 0, nil, 0, first},
		"it cannot":                      {never, moved, nil, delivery.Parked, store.ParkedLineFlagged, errNoLine, 0, first},
		"it fails for another reason":    {stay, moved, errFault, delivery.Retrying, 0, errFault, 1, first},
		"it is flagged and moves":        {stay, moved, flagged, delivery.Rerouted, 0, nil, 1, found},
		"it is flagged and stays":        {stay, stay, flagged, delivery.Parked, store.ParkedLineFlagged, errFault, 1, found},
		"it is flagged and cannot":       {stay, never, flagged, delivery.Parked, store.ParkedLineFlagged, errNoLine, 1, found},
		"it is flagged for now and not":  {stay, stay, passing, delivery.Retrying, 0, errFault, 1, found},
		"it is flagged for now and goes": {stay, moved, passing, delivery.Rerouted, 0, nil, 1, found},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newOutbox()
				commit(t, s, 0, 0)
				var l log
				sends := 0
				ways := lines{way: func(_ int, c store.Claimed, why delivery.Leaving) delivery.Way {
					way := row.before
					if why == delivery.FoundFlagged {
						way = row.after
					}
					if way.Moved { // what a Router does, as far as the outbox sees it
						assert.NoError(t, s.Ack(context.Background(), c.Lease))
					}
					return way
				}}
				d := dispatcher(t, s, func(context.Context, delivery.Delivery) error {
					sends++
					return row.send
				}, delivery.Options{Settled: l.add, Reroute: ways.ask, Backoff: time.Hour, MaxBackoff: time.Hour})
				require.NoError(t, d.Drain(context.Background()))
				require.Len(t, l.all, 1)
				assert.Equal(t, row.result, l.all[0].Result)
				assert.Equal(t, row.why, l.all[0].Why)
				assert.ErrorIs(t, l.all[0].Err, row.err)
				assert.Equal(t, row.sends, sends)
				assert.Equal(t, row.asked, ways.why)
				assert.Equal(t, row.result == delivery.Parked, backlog(t, s).Parked == 1)
				assert.Equal(t, row.result == delivery.Retrying, backlog(t, s).Waiting == 1)
			})
		})
	}
}

// TestReleasedToLeaveItsLine says that the Rerouter of a message that was
// released so hears it.
func TestReleasedToLeaveItsLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		parkAll(t, s)
		require.NoError(t, delivery.Reroute.One(context.Background(), s, tenant, messageID(0, 0)))
		ways := lines{way: func(int, store.Claimed, delivery.Leaving) delivery.Way { return delivery.Way{} }}
		send := func(context.Context, delivery.Delivery) error { return nil }
		require.NoError(t, dispatcher(t, s, send, delivery.Options{Reroute: ways.ask}).Drain(context.Background()))
		assert.Equal(t, []delivery.Leaving{delivery.Released}, ways.why)
	})
}

// TestWaitsForALine says that a message without a line is decided about again
// after a random part, at least half, of an eighth of its age, from a second to
// a minute, and not later than the Rerouter says; that it uses up no attempt by
// that; and that it is parked when NoLineFor is over.
func TestWaitsForALine(t *testing.T) {
	for _, wait := range []time.Duration{0, 100 * time.Millisecond, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newOutbox()
			began := time.Now()
			commit(t, s, 0, 0)
			var l log
			ways := lines{way: func(asked int, c store.Claimed, _ delivery.Leaving) delivery.Way {
				assert.Equal(t, 1, c.Attempts)
				return delivery.Way{Err: errNoLine, Wait: wait}
			}}
			send := func(context.Context, delivery.Delivery) error { return errFault }
			d := dispatcher(t, s, send, delivery.Options{Reroute: ways.ask, Settled: l.add, NoLineFor: 20 * time.Minute, PollEvery: time.Hour})
			runFor(t, d, time.Hour)
			for i, waited := range ways.waits() {
				whole := min(max(ways.at[i].Sub(began)/8, time.Second), time.Minute)
				if wait > 0 {
					whole = min(wait, whole)
				}
				floor := min(whole, max(whole/2, l.all[i].Wait))
				assert.GreaterOrEqual(t, waited, floor)
				assert.LessOrEqual(t, waited, whole)
				assert.Equal(t, delivery.Retrying, l.all[i].Result)
				assert.Equal(t, l.all[i].Wait, waited)
				assert.ErrorIs(t, l.all[i].Err, errNoLine)
			}
			last := len(l.all) - 1
			assert.Equal(t, delivery.Parked, l.all[last].Result)
			assert.Equal(t, store.ParkedNoLine, l.all[last].Why)
			assert.GreaterOrEqual(t, ways.at[last].Sub(began), 20*time.Minute)
			assert.Less(t, ways.at[last-1].Sub(began), 20*time.Minute)
		})
	}
}

// TestParkedAtTheEndOfItsTime says that a message is parked at the very end of
// NoLineFor.
func TestParkedAtTheEndOfItsTime(t *testing.T) {
	for early, want := range map[time.Duration]delivery.Result{0: delivery.Parked, time.Microsecond: delivery.Retrying} {
		synctest.Test(t, func(t *testing.T) {
			s := newOutbox()
			commit(t, s, 0, 0)
			time.Sleep(time.Hour - early)
			var l log
			ways := lines{way: func(int, store.Claimed, delivery.Leaving) delivery.Way { return delivery.Way{Err: errNoLine} }}
			send := func(context.Context, delivery.Delivery) error { return nil }
			d := dispatcher(t, s, send, delivery.Options{Reroute: ways.ask, Settled: l.add, NoLineFor: time.Hour})
			require.NoError(t, d.Drain(context.Background()))
			assert.Equal(t, []delivery.Result{want}, l.results())
		})
	}
}

// TestAChangeOfTheLinesEndsTheWait says that 256 messages of a Run are decided
// about again when the lines change, that further ones wait until their time is
// over, and that none of them keeps another one from being sent meanwhile.
func TestAChangeOfTheLinesEndsTheWait(t *testing.T) {
	const bound, more = 256, 10
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range bound + more {
			commit(t, s, c, 0)
		}
		time.Sleep(time.Hour) // what waits waits for half a minute at least
		there := false
		sent := map[time.Time]int{}
		ways := lines{way: func(int, store.Claimed, delivery.Leaving) delivery.Way {
			if there {
				return delivery.Way{}
			}
			return delivery.Way{Err: errNoLine}
		}}
		send := func(context.Context, delivery.Delivery) error {
			ways.mu.Lock()
			defer ways.mu.Unlock()
			sent[time.Now()]++
			return nil
		}
		bubble(t, s, send, delivery.Options{Reroute: ways.ask}, func(d *delivery.Dispatcher) {
			time.Sleep(10 * time.Second)
			ways.mu.Lock()
			assert.Len(t, ways.at, bound+more)
			there = true
			ways.mu.Unlock()
			changed := time.Now()
			d.LinesChanged()
			synctest.Wait()
			ways.mu.Lock()
			assert.Equal(t, map[time.Time]int{changed: bound}, sent)
			ways.mu.Unlock()
			time.Sleep(time.Minute)
			assert.Zero(t, backlog(t, s))
			d.LinesChanged() // and there is room for the next ones
		})
	})
}

// lateNacks is an outbox whose answers come late: by then what was given back
// has been claimed again.
type lateNacks struct {
	outbox
	wake func()

	mu    sync.Mutex
	given []time.Duration // the waits that were asked for
}

func (s *lateNacks) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	err := s.outbox.Nack(ctx, id, attempts, wait)
	s.mu.Lock()
	s.given = append(s.given, wait)
	s.mu.Unlock()
	s.wake()
	time.Sleep(time.Millisecond)
	return err
}

// TestAWaitThatEndsMakesRoom says that of no more than 256 messages each one
// waits under its lease, however often it was decided about again, and so a
// change of the lines reaches all of them.
func TestAWaitThatEndsMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &lateNacks{outbox: newOutbox()}
		for c := range 256 {
			commit(t, s.outbox, c, 0)
		}
		time.Sleep(time.Hour)
		ways := lines{way: func(int, store.Claimed, delivery.Leaving) delivery.Way { return delivery.Way{Err: errNoLine} }}
		send := func(context.Context, delivery.Delivery) error { return nil }
		d := dispatcher(t, s, send, delivery.Options{Reroute: ways.ask})
		s.wake = d.Wake
		runFor(t, d, 5*time.Minute)
		assert.Greater(t, len(s.given), 5*256)
		for _, wait := range s.given {
			require.Zero(t, wait, "there was no room for a message that waits")
		}
	})
}

// TestAStopEndsTheWaitForALine says that what waits for a line is given back
// when Run ends, and is due at once for the next one.
func TestAStopEndsTheWaitForALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		time.Sleep(time.Hour)
		ways := lines{way: func(int, store.Claimed, delivery.Leaving) delivery.Way { return delivery.Way{Err: errNoLine} }}
		send := func(context.Context, delivery.Delivery) error { return nil }
		d := dispatcher(t, s, send, delivery.Options{Reroute: ways.ask})
		began := time.Now()
		runFor(t, d, time.Second)
		assert.Equal(t, time.Second, time.Since(began))
		claimed, err := s.Claim(context.Background(), time.Minute, 1)
		require.NoError(t, err)
		assert.Len(t, claimed, 1)
	})
}

// TestDrainWaitsForNoLine says that Drain leaves a message without a line,
// until its wait is over.
func TestDrainWaitsForNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		commit(t, s, 0, 0)
		time.Sleep(time.Hour)
		ways := lines{way: func(int, store.Claimed, delivery.Leaving) delivery.Way { return delivery.Way{Err: errNoLine} }}
		send := func(context.Context, delivery.Delivery) error { return nil }
		d := dispatcher(t, s, send, delivery.Options{Reroute: ways.ask})
		for range 2 {
			began := time.Now()
			require.NoError(t, d.Drain(context.Background()))
			assert.Zero(t, time.Since(began))
		}
		assert.Len(t, ways.at, 1)
		assert.Equal(t, 1, backlog(t, s).Waiting)
	})
}

// TestWhatCannotBeGivenBackIsLogged says that a message without a line that the
// outbox does not take back is told, and one that it takes is not.
func TestWhatCannotBeGivenBackIsLogged(t *testing.T) {
	for fails, logged := range map[int]int{0: 0, 1: 1} {
		synctest.Test(t, func(t *testing.T) {
			s := &failing{Outbox: newOutbox(), err: store.ErrLeaseLost, nacks: fails}
			commit(t, s.Outbox.(outbox), 0, 0)
			var out bytes.Buffer
			ways := lines{way: func(asked int, _ store.Claimed, _ delivery.Leaving) delivery.Way {
				if asked == 1 {
					return delivery.Way{Err: errNoLine}
				}
				return delivery.Way{}
			}}
			send := func(context.Context, delivery.Delivery) error { return nil }
			d := dispatcher(t, s, send, delivery.Options{Reroute: ways.ask, Logger: slog.New(slog.NewJSONHandler(&out, nil))})
			runFor(t, d, time.Minute)
			assert.Equal(t, logged, strings.Count(out.String(), store.ErrLeaseLost.Error()), out.String())
			assert.Zero(t, backlog(t, s))
		})
	}
}
