package tally_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/tally"
)

var number = recipients.MustParse("+13015550100")

// Counting through tallies in any portions equals counting at once.
func TestSameAsCountingAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want, got line.Use
		var tl tally.Tally
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			hour, n := rapid.Int64Range(490_000, 490_060).Draw(t, "hour"), rapid.IntRange(1, 5).Draw(t, "messages")
			want.AddMessages(hour, n)
			tl.Add(tally.Count{Tenant: "acme", Line: number, Hour: hour, Messages: n})
			if rapid.Bool().Draw(t, "flush") {
				flush(t, &tl, &got)
				require.Equal(t, want, got)
			}
		}
		flush(t, &tl, &got)
		require.Equal(t, want, got)
		require.NoError(t, tl.Flush(func([]tally.Count) error { return errors.New("there was something left") }))
	})
}

// flush adds the counts to a use.
func flush(t require.TestingT, tl *tally.Tally, use *line.Use) {
	require.NoError(t, tl.Flush(func(counts []tally.Count) error {
		for _, c := range counts {
			use.AddMessages(c.Hour, c.Messages)
		}
		return nil
	}))
}

// Counts that were certainly not written are kept, and counts that may have
// been written are not.
func TestOutcomes(t *testing.T) {
	unknown := errors.New("the connection is lost")
	for _, outcome := range []struct {
		err  error
		left int
	}{
		{fmt.Errorf("refused: %w", store.ErrNotWritten), 5}, {store.ErrClosed, 5}, {unknown, 0}, {nil, 0},
	} {
		var tl tally.Tally
		tl.Add(tally.Count{Tenant: "acme", Line: number, Hour: 490_000, Messages: 5})
		require.ErrorIs(t, tl.Flush(func([]tally.Count) error { return outcome.err }), outcome.err)
		var use line.Use
		flush(t, &tl, &use)
		require.EqualValues(t, outcome.left, use.Messages[0], "after %v", outcome.err)
	}
}

// A flush waits for a running one: when it returns, everything is written.
func TestFlushesWaitForEachOther(t *testing.T) {
	for range 200 {
		var tl tally.Tally
		tl.Add(tally.Count{Tenant: "acme", Line: number, Hour: 490_000, Messages: 5})
		var added atomic.Bool
		seen := make(chan bool)
		require.NoError(t, tl.Flush(func([]tally.Count) error {
			go func() {
				_ = tl.Flush(func([]tally.Count) error { return errors.New("there was something left") })
				seen <- added.Load()
			}()
			runtime.Gosched() // so that the other one gets ahead, if it may
			added.Store(true)
			return nil
		}))
		require.True(t, <-seen)
	}
}

// Run flushes repeatedly, and ends when it is told to.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop, ended := make(chan struct{}), make(chan struct{})
		flushes := 0
		start := time.Now()
		go func() {
			defer close(ended)
			tally.Run(stop, func(ctx context.Context) error {
				flushes++
				deadline, has := ctx.Deadline()
				require.True(t, has)
				require.Equal(t, start.Add(time.Duration(flushes+10)*time.Second), deadline)
				return errors.New("not now")
			})
		}()
		time.Sleep(10*time.Second + time.Millisecond)
		close(stop)
		<-ended
		require.Equal(t, 10, flushes)
	})
}

// Concurrent counts are not lost or counted twice, and counts that could not be
// added are kept.
func TestNothingIsLost(t *testing.T) {
	var tl tally.Tally
	var adders, taker sync.WaitGroup
	stop := make(chan struct{})
	total := 0
	taker.Go(func() {
		for i := 0; ; i++ {
			_ = tl.Flush(func(counts []tally.Count) error {
				if i%2 == 0 {
					return store.ErrNotWritten
				}
				for _, c := range counts {
					total += c.Messages
				}
				return nil
			})
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for range 8 {
		adders.Go(func() {
			for i := range 500 {
				tl.Add(tally.Count{Tenant: "acme", Line: number, Hour: int64(i), Messages: 1})
			}
		})
	}
	adders.Wait()
	close(stop)
	taker.Wait()
	require.NoError(t, tl.Flush(func(counts []tally.Count) error {
		for _, c := range counts {
			total += c.Messages
		}
		return nil
	}))
	require.Equal(t, 8*500, total)
}
