//go:build unix

package sharded_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sharded"
	"github.com/fromline/fromline/store/sqlite"
)

// BenchmarkShards sends from 16 callers for 64 tenants: to one PostgreSQL
// server directly, and to one, two and four of them behind a sharded store. All
// servers share this machine with the callers, and so its disk.
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

// sends makes b.N sends. The first to each person opens a chat, and the others
// reuse it.
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

// BenchmarkMove moves a tenant whose items are half chats and half records,
// while the tenant sends fifty times a second. It reports how long sends were
// refused: from the first refused send to the next acknowledged one. A million
// items need FROMLINE_LONG=1.
func BenchmarkMove(b *testing.B) {
	kinds := map[string]func(b *testing.B) store.Store{
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
	sizes := []int{1_000, 100_000}
	if os.Getenv("FROMLINE_LONG") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, items := range sizes {
			b.Run(fmt.Sprintf("shards=%s/items=%d", kind, items), func(b *testing.B) {
				all := engines{"one": {Store: kinds[kind](b)}, "two": {Store: kinds[kind](b)}}
				mover, sender := all.production(b), all.production(b)
				_, err := send(b.Context(), sender, "acme", person(b, 0), "first")
				require.NoError(b, err)
				home, away := "one", "two"
				if chats, _, err := all[away].ChatsOfTenant(b.Context(), "acme", uuid.Nil, 1); err == nil && len(chats) > 0 {
					home, away = away, home
				}
				load(b, all[home], "acme", items/2)
				sent := constantly(b, sender)
				began, refused := time.Now(), time.Duration(0)
				for b.Loop() {
					if _, err := mover.Move(b.Context(), "acme", away, sharded.MoveOptions{}); err != nil {
						b.Fatal(err)
					}
					home, away = away, home
					refused += sent()
				}
				b.ReportMetric(refused.Seconds()/float64(b.N), "s-refused/op")
				b.ReportMetric(time.Since(began).Seconds()/float64(b.N), "s-whole/op")
			})
		}
	}
}

// production opens a store over the engines with the settings of a server.
func (all engines) production(b *testing.B) *sharded.Store {
	var shards []sharded.Shard
	for name, e := range all {
		shards = append(shards, sharded.Shard{Name: name, Open: e.open})
	}
	s, err := sharded.New(shards, sharded.Options{Directory: "one"})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s
}

// constantly sends fifty times a second until the benchmark ends. refused waits
// for the next acknowledged send, and returns how long sends were refused since
// its last call.
func constantly(b *testing.B, s store.Store) (refused func() time.Duration) {
	var mu sync.Mutex
	var total time.Duration
	var since time.Time // of the first refused send, zero if none is refused
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			acked, err := send(ctx, s, "acme", person(b, n%5000), fmt.Sprint("sent ", n))
			mu.Lock()
			switch {
			case acked && !since.IsZero():
				total, since = total+time.Since(since), time.Time{}
			case errors.Is(err, sharded.ErrMoving) && since.IsZero():
				since = time.Now()
			}
			mu.Unlock()
			time.Sleep(20 * time.Millisecond)
		}
	})
	b.Cleanup(func() {
		stop()
		all.Wait()
	})
	return func() time.Duration {
		for {
			mu.Lock()
			if since.IsZero() {
				took := total
				total = 0
				mu.Unlock()
				return took
			}
			mu.Unlock()
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// load adds chats to a tenant, each with one record.
func load(b *testing.B, s store.Store, tenant string, chats int) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	line := recipients.MustParse("+13025550161")
	var items []store.Item
	for i := range chats {
		set, err := recipients.NewSet(recipients.MustParse(fmt.Sprintf("+44%010d", 7_400_000_000+i)))
		require.NoError(b, err)
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
