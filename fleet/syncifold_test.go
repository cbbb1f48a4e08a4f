package fleet

import (
	"context"
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

// What was polled within ActWithin is not asked for again, and what is older is.
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
