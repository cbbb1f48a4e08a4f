//go:build unix

package sharded_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
)

// BenchmarkShards sends from 16 callers for 64 tenants to one PostgreSQL server
// without us, and to one, two and four of them behind a sharded store. All servers
// share this machine with the callers: more of them are more disks only elsewhere.
func BenchmarkShards(b *testing.B) {
	one := func(b *testing.B) store.Store {
		s, err := postgres.Open(b.Context(), pgtest.Start(b, pgtest.Options{Durable: true}).Database(b), postgres.Options{})
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, s.Close()) })
		return s
	}
	b.Run("by=one", func(b *testing.B) { sends(b, one(b)) })
	for _, n := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("by=shards/shards=%d", n), func(b *testing.B) {
			var shards []sharded.Shard
			for i := range n {
				at := one(b)
				shards = append(shards, sharded.Shard{
					Name: fmt.Sprint(i), Open: func(context.Context) (store.Store, error) { return &engine{Store: at}, nil },
				})
			}
			s, err := sharded.New(shards, sharded.Options{Directory: "0"})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			sends(b, s)
		})
	}
}

// sends makes b.N sends: the first of each person opens a chat, the others reuse it.
func sends(b *testing.B, s store.Store) {
	const tenants, people = 64, 50
	var next atomic.Uint64
	b.SetParallelism((16 + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			set := person(b, int(n/tenants%people))
			if _, err := send(b.Context(), s, fmt.Sprintf("tenant %d", n%tenants), set, fmt.Sprint(n)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}

// BenchmarkMove moves a tenant of 1,000 chats with a record each from shard to
// shard, alone and beside ten tenants as large, and tells how many items a second
// are read, written and compared while the tenant is refused.
func BenchmarkMove(b *testing.B) {
	kinds := map[string]func(b *testing.B) store.Store{
		"memory": func(*testing.B) store.Store { return memory.New(memory.Options{}) },
		"sqlite": func(b *testing.B) store.Store {
			s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "fromline.db"), sqlite.Options{})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			return s
		},
		"postgres": func(b *testing.B) store.Store {
			s, err := postgres.Open(b.Context(), pgtest.Start(b, pgtest.Options{Durable: true}).Database(b), postgres.Options{})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			return s
		},
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, others := range []int{0, 10} {
			b.Run(fmt.Sprintf("shards=%s/others=%d", kind, others), func(b *testing.B) {
				at := map[string]store.Store{"one": kinds[kind](b), "two": kinds[kind](b)}
				var shards []sharded.Shard
				for name, s := range at {
					shards = append(shards, sharded.Shard{Name: name, Open: func(context.Context) (store.Store, error) { return &engine{Store: s}, nil }})
				}
				s, err := sharded.New(shards, sharded.Options{Directory: "one", Recheck: 10 * time.Millisecond, Patience: time.Second})
				require.NoError(b, err)
				b.Cleanup(func() { require.NoError(b, s.Close()) })
				_, err = send(b.Context(), s, "acme", person(b, 0), "first")
				require.NoError(b, err)
				home, away := "one", "two"
				if chats, _, err := at[away].ChatsOfTenant(b.Context(), "acme", uuid.Nil, 1); err == nil && len(chats) > 0 {
					home, away = away, home
				}
				load(b, at[home], "acme")
				for i := range others {
					load(b, at[home], fmt.Sprint("other ", i))
				}
				var began time.Time
				items, took := 0, time.Duration(0)
				for b.Loop() {
					result, err := s.Move(b.Context(), "acme", away, sharded.MoveOptions{Step: func(step sharded.Step) error {
						switch step {
						case sharded.Copying:
							began = time.Now()
						case sharded.Switching:
							took += time.Since(began)
						}
						return nil
					}})
					require.NoError(b, err)
					items += result.Total()
					home, away = away, home
				}
				b.ReportMetric(took.Seconds()/float64(b.N), "s-copying/op")
				b.ReportMetric(float64(items)/took.Seconds(), "items/s")
			})
		}
	}
}

// load gives a tenant 1,000 chats with a record each.
func load(b *testing.B, s store.Store, tenant string) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	line := recipients.MustParse("+13025550161")
	var items []store.Item
	for i := range 1_000 {
		set := person(b, 1+i)
		chat := store.Chat{ID: uuid.New(), Line: line, Roster: store.NewRoster(set, at), CreatedAt: at, ActiveAt: at}
		items = append(items,
			store.Item{Tenant: tenant, Chat: &store.CopiedChat{Chat: chat}},
			store.Item{Tenant: tenant, Record: &store.Record{
				Key: fmt.Sprint("loaded ", i), MessageID: uuid.New(), ChatID: chat.ID, Line: line, At: at, KeepUntil: at.AddDate(100, 0, 0),
				Reason: store.NewBestNumber, Roster: chat.Roster,
			}})
	}
	for page := range slices.Chunk(items, store.MaxPage) {
		_, err := s.Import(b.Context(), page)
		require.NoError(b, err)
	}
}
