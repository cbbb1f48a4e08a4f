package fleet

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fromline/fromline/line"
)

// BenchmarkBestWays picks by turns without a guard, with one for a first
// contact and for a failover (three lines of ten take none for their share),
// and with known lines, none, three or thirty-two of them: processor time of
// one pick, of groups of three people.
func BenchmarkBestWays(b *testing.B) {
	const turn = 2_000
	for _, n := range []int{1_000, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			lines, queries := situation{lines: n, people: 3}.world()
			random := rand.New(rand.NewPCG(benchSeed, 1))
			view := func(p Policy, g line.Guard) View {
				o, err := newOrder(p, g)
				if err != nil {
					b.Fatal(err)
				}
				x := newIndex(o)
				for i, l := range lines {
					if i%10 < 3 {
						l.Failovers = 10
					}
					x.replace(nil, o.newRecord(l, o.bounds(&l, nanos(epoch)), nanos(epoch), slots{}))
				}
				return View{&snapshot{order: o, at: nanos(epoch), index: x.copy()}}
			}
			knows := func(known int) []Query {
				some := make([]Query, len(queries))
				for i, q := range queries {
					for range known {
						q.Known = append(q.Known, Known{lines[random.IntN(n)].Number, random.IntN(3)})
					}
					q.Known = distinctKnown(q.Known)
					some[i] = q
				}
				return some
			}
			failovers := make([]Query, len(queries))
			for i, q := range queries {
				q.Failover = true
				failovers[i] = q
			}
			plain, guarded, preferring := view(Policy{}, line.Guard{}), view(Policy{}, line.Careful()), view(knowing, line.Guard{})
			ways := []struct {
				name    string
				view    View
				queries []Query
			}{
				{"off", plain, queries}, {"guard", guarded, queries}, {"guard-failover", guarded, failovers},
				{"known-0", preferring, queries}, {"known-3", preferring, knows(3)}, {"known-32", preferring, knows(32)},
			}
			took := make([]int64, len(ways))
			turns := 0
			for b.Loop() {
				turns++
				for i, w := range ways {
					before := processorTime()
					for k := range turn {
						sinkPick, _ = w.view.Best(w.queries[k%len(w.queries)])
					}
					took[i] += processorTime() - before
				}
			}
			b.ReportMetric(0, "ns/op")
			for i, w := range ways {
				b.ReportMetric(float64(took[i])/float64(turns*turn), w.name+"-cpu-ns")
			}
		})
	}
}
