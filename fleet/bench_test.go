package fleet

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// The worlds of the benchmarks are made from this seed.
const benchSeed = 20261121

// madeNumber returns number i of a made-up world: nine of ten in 300 North
// American areas, the others in Britain and Germany.
func madeNumber(i int) recipients.Handle {
	digits := uint64(0)
	switch {
	case i%20 == 18:
		digits = 44_7_000_000_000 + uint64(i)
	case i%20 == 19:
		digits = 49_151_0000_0000 + uint64(i)
	default:
		area := 201 + uint64(i)%300
		digits = 1_000_000_0000 + area*10_000_000 + 2_000_000 + uint64(i)/300
	}
	h, err := recipients.FromDigits(digits)
	if err != nil {
		panic(err)
	}
	return h
}

// situation is a world and what is asked of it.
type situation struct {
	name     string
	lines    int
	line     func(*line.Line, *rand.Rand) // changes a line, if set
	people   int                          // 0 counts as 1
	contacts int                          // how many different queries; 0 counts as 512
	excluded int
	service  message.Service
}

func (s situation) world() (lines []line.Line, queries []Query) {
	random := rand.New(rand.NewPCG(benchSeed, uint64(s.lines)))
	for i := range s.lines {
		l := line.Line{Number: madeNumber(i), ID: fmt.Sprintf("line-%07d", i), NewChats: random.IntN(20)}
		if random.IntN(20) == 0 {
			l.Reputation = line.AtRisk
		}
		if s.line != nil {
			s.line(&l, random)
		}
		lines = append(lines, l)
	}
	for range cmp.Or(s.contacts, 512) {
		q := Query{Service: s.service}
		var people []recipients.Handle
		for range max(s.people, 1) {
			people = append(people, madeNumber(20_000_000+random.IntN(1_000_000)))
		}
		q.Recipients, _ = recipients.NewSet(people...)
		for range s.excluded {
			q.Excluded = append(q.Excluded, lines[random.IntN(len(lines))].Number)
		}
		slices.SortFunc(q.Excluded, recipients.Handle.Compare)
		queries = append(queries, q)
	}
	return lines, queries
}

var sinkPick Pick

// measure reports allocations and, beside the time on the wall, the processor
// time of an operation, which is what can be compared on a busy machine.
func measure(b *testing.B) (done func()) {
	b.ReportAllocs()
	before := processorTime()
	return func() { b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op") }
}

func benchBest(b *testing.B, v View, queries []Query) {
	defer measure(b)()
	for i := 0; b.Loop(); i++ {
		sinkPick, _ = v.Best(queries[i%len(queries)])
	}
}

// BenchmarkBest compares three ways to pick: the index, a linear scan for the
// same rule, and rendezvous hashing over all lines, which knows no rule but
// eligibility. The same 512 contacts come round again and again, so what they
// touch is mostly in the processor's caches; way=index-cold asks for 65,536, as
// many as find little of theirs there.
func BenchmarkBest(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			lines, many := situation{lines: n, contacts: 65_536}.world()
			queries := many[:512]
			index, table := indexed(lines), byHand(b, lines, ViewOptions{At: epoch})
			runtime.GC()
			b.Run("way=index", func(b *testing.B) { benchBest(b, index, queries) })
			b.Run("way=index-cold", func(b *testing.B) { benchBest(b, index, many) })
			b.Run("way=scan", func(b *testing.B) { benchBest(b, table, queries) })
			b.Run("way=rendezvous", func(b *testing.B) { benchRendezvous(b, table, queries) })
		})
	}
}

// benchRendezvous picks the eligible line with the greatest mix of its number
// and the recipients' key.
func benchRendezvous(b *testing.B, v View, queries []Query) {
	defer measure(b)()
	for i := 0; b.Loop(); i++ {
		key := queries[i%len(queries)].Recipients.Key().Ring()
		var best *record
		greatest := uint64(0)
		for _, r := range v.s.table {
			if r.cause != open {
				continue
			}
			z := r.digits ^ key
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			if z ^= z >> 31; z >= greatest {
				best, greatest = r, z
			}
		}
		if best != nil {
			sinkPick.Line = best.line()
		}
	}
}

// hard are worlds, and questions about them, that are not as easy as most.
func hard() []situation {
	return []situation{
		{name: "plain"},
		{name: "excluded=100", excluded: 100},
		{name: "excluded=1000", excluded: 1000},
		{name: "recipients=31", people: 31},
		{name: "flagged=99%", line: func(l *line.Line, r *rand.Rand) {
			if r.IntN(100) > 0 {
				l.Status = line.Flagged
			}
		}},
		{name: "full=99%", line: func(l *line.Line, r *rand.Rand) {
			if r.IntN(100) > 0 {
				l.Limits.NewChatsPerDay, l.NewChats = 50, 50
			}
		}},
		{name: "service-sets=4", service: message.RCS, line: func(l *line.Line, r *rand.Rand) {
			l.Services = []line.ServiceSet{0, line.Services(message.RCS), line.Services(message.RCS, message.SMS), line.Services(message.IMessage, message.RCS)}[r.IntN(4)]
		}},
		{name: "equal", line: func(l *line.Line, r *rand.Rand) { l.NewChats, l.Reputation = 0, line.Healthy }},
		{name: "all-different", line: func(l *line.Line, r *rand.Rand) { l.NewChats = r.IntN(1 << 17) }, excluded: 1000},
	}
}

// BenchmarkBestHard asks 10,000 lines hard questions.
func BenchmarkBestHard(b *testing.B) {
	for _, s := range hard() {
		b.Run("case="+s.name, func(b *testing.B) {
			s.lines = 10_000
			lines, queries := s.world()
			index, table := indexed(lines), byHand(b, lines, ViewOptions{At: epoch})
			b.Run("way=index", func(b *testing.B) { benchBest(b, index, queries) })
			b.Run("way=scan", func(b *testing.B) { benchBest(b, table, queries) })
		})
	}
}

// benchFleet returns a fleet with so many lines of one tenant.
func benchFleet(b *testing.B, n int) (*Fleet, []line.Line) {
	f, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	lines, _ := situation{lines: n}.world()
	if err := f.SetLines("acme", lines); err != nil {
		b.Fatal(err)
	}
	return f, lines
}

// BenchmarkFleet measures what a send costs a fleet beside the pick: a view
// while nothing changes, a view after a change, and a change that moves a line
// among the others after a view was taken.
func BenchmarkFleet(b *testing.B) {
	ctx := context.Background()
	for _, n := range []int{10, 1_000, 1_000_000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			f, lines := benchFleet(b, n)
			t := f.known("acme")
			t.advance(nanos(epoch), 0)
			b.Run("op=view", func(b *testing.B) {
				defer measure(b)()
				for b.Loop() {
					_, _ = f.View(ctx, "acme", epoch)
				}
			})
			b.Run("op=snapshot", func(b *testing.B) {
				defer measure(b)()
				for b.Loop() {
					t.changed = true
					t.snapshot()
				}
			})
			b.Run("op=update", func(b *testing.B) {
				defer measure(b)()
				for i := 0; b.Loop(); i++ {
					old := t.index.find(lines[i*7919%n].Number)
					moved := *old
					moved.rank ^= 1 << fieldShift(t.order, "fewest")
					t.index.replace(old, &moved)
					t.changed = true
					t.snapshot()
				}
			})
		})
	}
}

// fieldShift returns the lowest bit of a criterion in a rank.
func fieldShift(o *order, name string) uint8 {
	i := slices.IndexFunc(o.criteria, func(c Criterion) bool { return c.Name() == name })
	return o.fields[i].shift
}

// BenchmarkReserve is what a pick of a new chat costs a fleet in all: a view,
// the pick, its reservation and its end.
func BenchmarkReserve(b *testing.B) {
	ctx := context.Background()
	for _, n := range []int{10, 1_000, 1_000_000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			f, _ := benchFleet(b, n)
			_, queries := situation{lines: n}.world()
			b.Run("op=reserve+release", func(b *testing.B) {
				defer measure(b)()
				for i := 0; b.Loop(); i++ {
					at := epoch.Add(time.Duration(i) * time.Microsecond)
					q := queries[i%len(queries)]
					v, _ := f.View(ctx, "acme", at)
					pick, _ := v.Best(q)
					if !f.Reserve("acme", at, q, pick.Line.Number) {
						b.Fatal("the best line is not the best")
					}
					f.Release("acme", at, pick.Line.Number, false)
				}
			})
		})
	}
}

// BenchmarkMemory reports the memory of a line in a fleet, its id of twelve
// bytes left out: with the lines as they were set, and after each opened one
// chat.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{100_000} {
		for _, used := range []bool{false, true} {
			b.Run(fmt.Sprintf("lines=%d/used=%v", n, used), func(b *testing.B) {
				for b.Loop() {
					lines, _ := situation{lines: n}.world()
					before := heap()
					f, _ := New(Options{})
					_ = f.SetLines("acme", lines)
					if used {
						for _, l := range lines {
							f.Confirm("acme", epoch, l.Number, false)
						}
					}
					b.ReportMetric(float64(heap()-before)/float64(n), "B/line")
					runtime.KeepAlive(lines)
					runtime.KeepAlive(f)
				}
			})
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
