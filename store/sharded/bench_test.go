//go:build unix

package sharded_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sharded"
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
