//go:build unix

package fromline_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

// BenchmarkReceive takes in direct messages of 2,000 people, each of whom wrote
// before or not, from callers who come together, with opt-outs and blocks on.
func BenchmarkReceive(b *testing.B) {
	for _, kind := range []struct {
		name string
		open func(b *testing.B) (store.Store, error)
	}{
		{"memory", func(*testing.B) (store.Store, error) { return memory.New(memory.Options{}), nil }},
		{"sqlite", func(b *testing.B) (store.Store, error) {
			return sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "inbox.db"), sqlite.Options{})
		}},
		{"postgres", func(b *testing.B) (store.Store, error) {
			return postgres.Open(b.Context(), pgtest.Start(b, pgtest.Options{}).Database(b), postgres.Options{})
		}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			chats, err := kind.open(b)
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, chats.Close()) })
			lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}, {Number: boston}}}}
			router, err := fromline.New(chats, lines, fromline.Options{
				Clock: func() time.Time { return noon.Add(1000 * time.Hour) }, Fleet: fleet.Options{RefreshEvery: time.Second},
				Consents: fromline.ConsentRules{OptOuts: true, Blocks: true},
			})
			require.NoError(b, err)
			var n atomic.Int64
			b.SetParallelism(16)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					who, err := recipients.FromDigits(uint64(12025560000 + i%2000))
					if err != nil {
						b.Fatal(err)
					}
					e := wrote(who, dc, fmt.Sprint("net ", i%2000), noon.Add(time.Duration(i)*time.Millisecond))
					if _, err := router.Receive(b.Context(), "acme", e); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
