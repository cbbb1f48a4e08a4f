package fleet

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
)

// countingSource counts polls.
type countingSource struct {
	*memorySource
	polls int
}

func (s *countingSource) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	s.polls++
	return s.memorySource.LineStates(ctx, after, limit)
}

// What was polled within ActWithin is not asked for again, and what is older
// is.
func TestSyncIfOldPollsWhatIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
		source := &countingSource{memorySource: newMemorySource()}
		for _, step := range []struct {
			passes time.Duration
			polls  int
		}{{0, 1}, {0, 1}, {defaultActWithin, 1}, {1, 2}, {defaultActWithin, 2}, {time.Hour, 3}} {
			time.Sleep(step.passes)
			require.NoError(t, f.SyncIfOld(context.Background(), source))
			require.Equal(t, step.polls, source.polls)
		}
		source.down = true
		time.Sleep(time.Hour)
		require.ErrorIs(t, f.SyncIfOld(context.Background(), source), errDown)
	})
}

// Callers that share a poll share its failure.
func TestSyncIfOldSharesFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
		slow := &slowSource{memorySource: newMemorySource(), read: make(chan struct{}), answer: make(chan struct{})}
		slow.failAt = 2
		done := make(chan error, 2)
		go func() { done <- f.SyncIfOld(context.Background(), slow) }()
		<-slow.read
		go func() { done <- f.SyncIfOld(context.Background(), slow) }()
		synctest.Wait()
		slow.answer <- struct{}{}
		for range 2 {
			require.ErrorIs(t, <-done, errDown)
		}
	})
}

// A poll that takes so long that its result may not be acted on is made again,
// three times in all: then it is ErrStale.
func TestSyncIfOldGivesUpOnSlowPolls(t *testing.T) {
	for slow := range 5 {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
			polls := 0
			err := f.SyncIfOld(context.Background(), feedOf(func(context.Context) error {
				if polls++; polls <= slow {
					time.Sleep(defaultActWithin + 1)
				}
				if polls > 9 {
					return errDown
				}
				return nil
			}))
			require.Equal(t, min(slow+1, 3), polls)
			if slow < 3 {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ErrStale)
			}
		})
	}
}

// A caller that gives up while it polls says nothing of the store: one that
// waits with it polls itself. And one that only waits may give up too.
func TestSyncIfOldOutlivesOtherCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
		polls := 0
		feed := feedOf(func(ctx context.Context) error {
			if polls++; polls == 1 {
				<-ctx.Done() // the first one hangs
			}
			return ctx.Err()
		})
		first, giveUp := context.WithCancel(context.Background())
		done := make(chan error, 2)
		go func() { done <- f.SyncIfOld(first, feed) }()
		synctest.Wait()
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		require.ErrorIs(t, f.SyncIfOld(gone, feed), context.Canceled)
		go func() { done <- f.SyncIfOld(context.Background(), feed) }()
		synctest.Wait()
		giveUp()
		require.ErrorIs(t, errors.Join(<-done, <-done), context.Canceled)
		require.Equal(t, 2, polls)
		require.Equal(t, time.Now(), f.LastPoll(), "the second one was good")
	})
}

// However many callers give up while they poll, one that waits does not give up
// for them.
func TestSyncIfOldIsNotMisledByOtherCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
		q, own := f.polling.join("")
		require.True(t, own)
		done := make(chan error)
		go func() { done <- f.SyncIfOld(context.Background(), newMemorySource()) }()
		for range 10 { // the next caller is always faster than the one that waits
			synctest.Wait()
			next := &inquiry{done: make(chan struct{})}
			f.polling.mu.Lock()
			f.polling.of[""] = next
			f.polling.mu.Unlock()
			q.err, q.abandoned = context.Canceled, true
			close(q.done)
			q = next
		}
		synctest.Wait()
		q.err, q.abandoned = context.Canceled, true
		f.polling.end("", q)
		require.NoError(t, <-done)
	})
}

// Where the store hangs, all who wait fail with the first of them.
func TestSyncIfOldSharesAPollThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, Options{}, line.Line{Number: handle("+14157770000")})
		const callers = 8
		polls, began, ended := 0, time.Now(), make(chan error, callers)
		for range callers {
			go func() {
				ended <- f.SyncIfOld(context.Background(), feedOf(func(ctx context.Context) error {
					polls++
					<-ctx.Done()
					return ctx.Err()
				}))
			}()
		}
		for range callers {
			require.ErrorIs(t, <-ended, context.DeadlineExceeded)
		}
		require.Equal(t, 1, polls)
		require.Equal(t, f.options.StaleAfter, time.Since(began))
	})
}

// Sync reads all that changed before it was called, also if another poll that
// has read already is on its way: it begins one of its own after that. It waits
// for that no longer than its context.
func TestSyncReadsWhatAnotherPollMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		number := handle("+14157770000")
		f := newFleet(t, Options{}, line.Line{Number: number})
		slow := &slowSource{memorySource: newMemorySource(), read: make(chan struct{}), answer: make(chan struct{})}
		first, second := make(chan error), make(chan error)
		go func() { first <- f.Sync(context.Background(), slow) }()
		<-slow.read
		slow.report(line.State{Tenant: "acme", Number: number, Status: line.Flagged, StatusAt: time.Now()})
		go func() { second <- f.Sync(context.Background(), slow) }()
		synctest.Wait()
		slow.answer <- struct{}{}
		require.NoError(t, <-first)
		<-slow.read
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		require.ErrorIs(t, f.Sync(gone, slow), context.Canceled)
		slow.answer <- struct{}{}
		require.NoError(t, <-second)
		require.Equal(t, line.Flagged, healthOf(t, f, number).status)
	})
}

// feedOf is a store without lines that calls a function at each poll.
type feedOf func(context.Context) error

func (f feedOf) LineStates(ctx context.Context, after line.Change, _ int) ([]line.State, line.Change, error) {
	return nil, after, f(ctx)
}

func (feedOf) LineUse(_ context.Context, after line.Change, _ int) ([]line.Use, line.Change, error) {
	return nil, after, nil
}
