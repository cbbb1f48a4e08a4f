//go:build unix

package postgres_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/store/storetest"
)

// The same history gets the same answers from all three stores, call by call. A
// failing one prints a seed.
func TestSameAnswersFromAllStores(t *testing.T) {
	db := newDatabase(t)
	storetest.Same(t, inMemory, inFile, func(tb testing.TB) storetest.Harness {
		return db.harness(tb, func(tb testing.TB) *postgres.Store { return db.open(tb, postgres.Options{}) })
	})
}

// inMemory returns a store in memory with a clock that the test moves.
func inMemory(testing.TB) storetest.Harness {
	now, advance := movable()
	return storetest.Harness{Store: memory.New(memory.Options{Clock: now}), Advance: advance}
}

// inFile returns a store in a file.
func inFile(tb testing.TB) storetest.Harness {
	now, advance := movable()
	s, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "fromline.db"), sqlite.Options{Clock: now})
	require.NoError(tb, err)
	return storetest.Harness{
		Store: s, Advance: advance,
		Settle: func() { require.NoError(tb, s.Flush(context.Background())) },
	}
}

// movable returns a clock that stands, and a function that moves it.
func movable() (now func() time.Time, advance func(time.Duration)) {
	var ahead atomic.Int64
	start := time.Now()
	return func() time.Time { return start.Add(time.Duration(ahead.Load())) }, func(d time.Duration) { ahead.Add(int64(d)) }
}
