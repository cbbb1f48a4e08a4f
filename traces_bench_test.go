package fromline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/open"
)

// BenchmarkKeepTraces compares sends whose records keep their traces with sends
// whose records do not: a turn makes some sends one way and then the other,
// each into a store of its own, so that both see the same machine. It reports
// the median of both, and of their quotient over the turns.
func BenchmarkKeepTraces(b *testing.B) {
	b.Run("memory", func(b *testing.B) { keepTraces(b, 1000, func() string { return "" }) })
	b.Run("sqlite", func(b *testing.B) {
		n := 0
		keepTraces(b, 50, func() string {
			n++
			return "sqlite:" + filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", n))
		})
	})
	b.Run("postgres", func(b *testing.B) {
		server := pgtest.Start(b, pgtest.Options{Durable: true})
		keepTraces(b, 50, func() string { return server.Database(b) })
	})
}

func keepTraces(b *testing.B, block int, name func() string) {
	lines := benchNumbers(b, 1_000)
	for _, branch := range []string{"reuse", "new"} {
		b.Run(branch, func(b *testing.B) {
			var routers [2]*fromline.Router
			for i := range routers {
				options := fromline.Options{KeepTraces: i == 1}
				var err error
				if at := name(); at == "" {
					routers[i], err = fromline.New(memory.New(memory.Options{MaxRecords: 1 << 30}), benchFleet(b, lines), options)
				} else {
					kept, openErr := open.Store(context.Background(), at, open.Options{})
					require.NoError(b, openErr)
					b.Cleanup(func() { require.NoError(b, kept.Close()) })
					routers[i], err = fromline.New(kept, benchFleet(b, lines), options)
				}
				require.NoError(b, err)
			}
			people := 100
			next := uint64(0)
			if branch == "reuse" {
				for _, r := range routers {
					for i := range people {
						route(b, r, benchSend(b, uint64(i)))
					}
				}
			}
			var took [2][]float64
			var quotients []float64
			for turn := 0; b.Loop(); turn++ {
				var sends []fromline.Outgoing
				for range block {
					s := benchSend(b, next)
					next++
					if branch == "reuse" {
						s = benchSend(b, next%uint64(people))
					}
					sends = append(sends, s)
				}
				var both [2]float64
				for k := range routers {
					i := (turn + k) % 2
					began := time.Now()
					for _, s := range sends {
						if _, err := routers[i].Route(context.Background(), s); err != nil {
							b.Fatal(err)
						}
					}
					both[i] = float64(time.Since(began)) / float64(block)
					took[i] = append(took[i], both[i])
				}
				quotients = append(quotients, both[1]/both[0])
			}
			b.ReportMetric(middle(took[0]), "off-ns/send")
			b.ReportMetric(middle(took[1]), "on-ns/send")
			b.ReportMetric(middle(quotients), "on/off")
		})
	}
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
