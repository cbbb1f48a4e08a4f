//go:build unix

package move_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("FROMLINE_LONG") == "" {
		if err := flag.Set("rapid.checks", "4"); err != nil {
			panic(err)
		}
	}
	pgtest.Main(m)
}

// kinds make stores of each kind. The function that they return opens a store,
// empty at first. It opens the same store again after a close, which makes
// waiting counts of messages visible.
var kinds = []struct {
	name string
	make func(t *testing.T) func() (open func() store.Store)
}{
	{"memory", func(*testing.T) func() func() store.Store {
		return func() func() store.Store {
			s := &kept{memory.New(memory.Options{})}
			return func() store.Store { return s }
		}
	}},
	{"sqlite", func(t *testing.T) func() func() store.Store {
		dir := t.TempDir()
		var n atomic.Int64
		return func() func() store.Store {
			path := filepath.Join(dir, fmt.Sprint(n.Add(1), ".db"))
			return func() store.Store {
				s, err := sqlite.Open(ctx, path, sqlite.Options{Synchronous: sqlite.Normal})
				require.NoError(t, err)
				return s
			}
		}
	}},
	{"postgres", func(t *testing.T) func() func() store.Store {
		dsn := pgtest.Database(t)
		var n atomic.Int64
		return func() func() store.Store {
			schema := fmt.Sprint("copy", n.Add(1))
			return func() store.Store {
				s, err := postgres.Open(ctx, dsn, postgres.Options{Schema: schema, MaxConnections: 4})
				require.NoError(t, err)
				return s
			}
		}
	}},
}

// kept is a store in memory that survives Close.
type kept struct{ *memory.Store }

func (*kept) Close() error { return nil }

// TestCopies, for every pair of kinds and generated worlds: a copy answers as
// its source does, and behaves like it afterwards; a copy that failed anywhere
// can be repeated; and a second one changes nothing.
func TestCopies(t *testing.T) {
	for _, from := range kinds {
		for _, to := range kinds {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				makeFrom, makeTo := from.make(t), to.make(t)
				rapid.Check(t, func(t *rapid.T) { copies(t, makeFrom(), makeTo()) })
			})
		}
	}
}

func copies(t *rapid.T, openFrom, openTo func() store.Store) {
	from, to := openFrom(), openTo()
	defer func() {
		require.NoError(t, from.Close())
		require.NoError(t, to.Close())
	}()
	w := &world{T: t, s: from}
	w.live()
	require.NoError(t, from.Close())
	from = openFrom()
	before := w.answers(from)

	total, err := from.Count(ctx, "")
	require.NoError(t, err)
	failing := &failingStore{Store: to, items: rapid.IntRange(0, total).Draw(t, "fails after"), applies: rapid.Bool().Draw(t, "applies")}
	first, err := move.All(ctx, from, failing, move.Options{})
	require.ErrorIs(t, err, errFailing)
	second, err := move.All(ctx, from, to, move.Options{})
	require.NoError(t, err)
	require.Equal(t, second.Total(), failing.changed+second.Changed, "%+v %+v", first, second)
	again, err := move.All(ctx, from, to, move.Options{})
	require.NoError(t, err)
	require.Zero(t, again.Changed)
	require.Equal(t, second.Items, again.Items)

	w.same(before, w.answers(from))
	// The source counts a delivery that was forgotten while it was leased,
	// until its lease ends. A copy has no leases.
	twin := memory.New(memory.Options{})
	_, err = move.All(ctx, from, twin, move.Options{})
	require.NoError(t, err)
	got, want := w.answers(to), w.answers(twin)
	require.Equal(t, want.backlog, got.backlog)
	before.backlog = got.backlog
	w.same(before, got)
	require.Equal(t, w.deeds(twin), w.deeds(to))
}

var errFailing = errors.New("failing")

// failingStore fails when it has received a number of items. Whether it still
// stores the last ones is a setting.
type failingStore struct {
	store.Store
	items   int
	applies bool
	changed int
}

func (s *failingStore) Import(ctx context.Context, items []store.Item) (int, error) {
	n := min(len(items), s.items)
	if s.items -= n; n < len(items) || n == 0 {
		if s.applies {
			var err error
			if s.changed, err = s.Store.Import(ctx, items[:n]); err != nil {
				return 0, err
			}
		}
		return 0, errFailing
	}
	changed, err := s.Store.Import(ctx, items)
	s.changed += changed
	if s.items == 0 && err == nil {
		err = errFailing
	}
	return changed, err
}

// TestOntoItself: a store is not copied to itself.
func TestOntoItself(t *testing.T) {
	s := memory.New(memory.Options{})
	_, err := move.All(ctx, s, s, move.Options{})
	require.ErrorIs(t, err, move.ErrSame)
}
