package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/spoil"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/store/storetest"
)

// open opens a store that is closed when the test ends.
func open(tb testing.TB, path string, o sqlite.Options) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), path, o)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// harness returns a function that opens new stores for the suite. Their files
// are copies of one, because creating the tables takes longer than most
// clauses. Clauses run concurrently: each has a file of its own.
func harness(tb testing.TB) storetest.Open {
	empty, err := os.ReadFile(made(tb, 0))
	require.NoError(tb, err)
	return func(tb testing.TB) storetest.Harness {
		if t, ok := tb.(*testing.T); ok {
			t.Parallel()
		}
		path := filepath.Join(tb.TempDir(), "fromline.db")
		require.NoError(tb, os.WriteFile(path, empty, 0o600))
		return subject(tb, path)
	}
}

// subject returns a store in its harness.
func subject(tb testing.TB, path string) storetest.Harness {
	var ahead atomic.Int64 // the only way in which time passes, as for the model
	o := sqlite.Options{Clock: func() time.Time { return storetest.Start.Add(time.Duration(ahead.Load())) }}
	s := open(tb, path, o)
	return storetest.Harness{
		Store:   s,
		Reopen:  func() store.ChatStore { s = open(tb, path, o); return s },
		Settle:  func() { require.NoError(tb, s.Flush(context.Background())) },
		Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		Spoil: func(kind, tenant, id string, how storetest.Spoiled) {
			spoil.SQLite(tb, kind, tenant, id, how, path)
		},
		Without: []storetest.Power{storetest.Bound},
	}
}

func TestStore(t *testing.T) { storetest.Run(t, harness(t)) }
