package sharded_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/spoil"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/store/storetest"
)

// movable returns a clock that stands, and a function that moves it.
func movable() (now func() time.Time, advance func(time.Duration)) {
	var ahead atomic.Int64
	start := time.Now()
	return func() time.Time { return start.Add(time.Duration(ahead.Load())) }, func(d time.Duration) { ahead.Add(int64(d)) }
}

// over returns a store over shards of these names.
func over(tb testing.TB, directory string, open func(name string) (store.Store, error), names ...string) *sharded.Store {
	tb.Helper()
	var shards []sharded.Shard
	for _, name := range names {
		shards = append(shards, sharded.Shard{Name: name, Open: func(context.Context) (store.Store, error) { return open(name) }})
	}
	s, err := sharded.New(shards, sharded.Options{Directory: directory})
	require.NoError(tb, err)
	return s
}

// inMemory returns a store over three stores in memory.
func inMemory(directory string) storetest.Open {
	return func(tb testing.TB) storetest.Harness {
		now, advance := movable()
		open := func(string) (store.Store, error) { return memory.New(memory.Options{Clock: now}), nil }
		return storetest.Harness{
			Store: over(tb, directory, open, "one", "two", "three"), Advance: advance,
			Composed: true, Without: []storetest.Power{storetest.Durability, storetest.Bound, storetest.Damage, storetest.ChangeLister},
		}
	}
}

func TestStore(t *testing.T) { storetest.Run(t, inMemory("two")) }

func TestStoreByHash(t *testing.T) { storetest.Run(t, inMemory("")) }

// Shards in files keep their data when the store is opened again, and an
// unreadable row in one harms nothing else.
func TestStoreOfFiles(t *testing.T) {
	for _, c := range storetest.Clauses() {
		if slices.Contains(c.Needs, storetest.Durability) || slices.Contains(c.Needs, storetest.Damage) {
			t.Run(c.Name, func(t *testing.T) { c.Check(t, inFiles) })
		}
	}
}

func inFiles(tb testing.TB) storetest.Harness {
	dir := tb.TempDir()
	now, advance := movable()
	var files []*sqlite.Store
	open := func() *sharded.Store {
		files = nil
		return over(tb, "one", func(name string) (store.Store, error) {
			s, err := sqlite.Open(context.Background(), filepath.Join(dir, name+".db"), sqlite.Options{Clock: now})
			files = append(files, s)
			return s, err
		}, "one", "two")
	}
	s := open()
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return storetest.Harness{
		Store: s, Advance: advance,
		Reopen: func() store.ChatStore { s = open(); return s },
		Settle: func() {
			for _, f := range files {
				if err := f.Flush(context.Background()); !errors.Is(err, store.ErrClosed) {
					require.NoError(tb, err)
				}
			}
		},
		Spoil: func(kind, tenant, id string, how storetest.Spoiled) {
			spoil.SQLite(tb, kind, tenant, id, how, filepath.Join(dir, "one.db"), filepath.Join(dir, "two.db"))
		},
		Composed: true, Without: []storetest.Power{storetest.Bound, storetest.ChangeLister},
	}
}
