package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// answered is a plan and the error of its commit.
type answered struct {
	plan *store.Plan
	err  error
}

// requireTrue checks that a file has the plans answered with nil, and none
// answered with ErrNotWritten.
func requireTrue(t *testing.T, path string, answers []answered) {
	t.Helper()
	s := open(t, path, sqlite.Options{})
	for _, a := range answers {
		snap := look(t, s, a.plan)
		switch {
		case a.err == nil:
			require.NotNil(t, snap.Record, "the commit was acknowledged")
			require.Len(t, snap.Chats, 1)
		case errors.Is(a.err, store.ErrNotWritten):
			require.Zero(t, snap, "the commit was refused: %v", a.err)
		}
	}
}

// Whenever a store is closed, during commits of one caller or of many, each
// commit ends clearly: it is in the file, or was refused because the store is
// closed.
func TestCloseBesideCommits(t *testing.T) {
	for _, callers := range []int{1, 8} {
		path := filepath.Join(t.TempDir(), "fromline.db")
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		require.NoError(t, err)
		ended := make([][]answered, callers)
		var acked atomic.Int64
		enough := make(chan struct{})
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				for n, err := 0, error(nil); err == nil; n++ {
					p := newPlan(1000*i + n)
					err = s.Commit(context.Background(), p)
					ended[i] = append(ended[i], answered{p, err})
					if acked.Add(1) == 20 {
						close(enough)
					}
				}
			})
		}
		<-enough
		require.NoError(t, s.Close())
		all.Wait()
		for _, answers := range ended {
			require.ErrorIs(t, answers[len(answers)-1].err, store.ErrClosed)
		}
		requireTrue(t, path, slices.Concat(ended...))
	}
}

// Whenever the context of a commit ends, the answer is true.
func TestCancelledCommits(t *testing.T) {
	for _, callers := range []int{1, 8} {
		path := filepath.Join(t.TempDir(), "fromline.db")
		s := open(t, path, sqlite.Options{})
		ended := make([][]answered, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				for n := range 30 {
					ctx, cancel := context.WithCancel(context.Background())
					p := newPlan(1000*i + n)
					all.Go(func() {
						for range n { // a little later each time
							runtime.Gosched()
						}
						cancel()
					})
					err := s.Commit(ctx, p)
					if err != nil {
						assert.ErrorIs(t, err, context.Canceled)
					}
					ended[i] = append(ended[i], answered{p, err})
				}
			})
		}
		all.Wait()
		require.NoError(t, s.Close()) // after a commit of unknown outcome has ended too
		requireTrue(t, path, slices.Concat(ended...))
	}
}

// A caller that panics and recovers leaves nothing behind: neither the writes
// of its transaction nor the transaction.
func TestPanicInATransaction(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "fromline.db"), sqlite.Options{})
	for i := range 3 {
		require.Panics(t, s.Panic)
		p := newPlan(i)
		require.NoError(t, s.Commit(t.Context(), p))
		require.NotNil(t, look(t, s, p).Record)
	}
}
