package fromline_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// benchNumbers returns n different numbers of lines.
func benchNumbers(tb testing.TB, n int) []recipients.Handle {
	numbers := make([]recipients.Handle, n)
	for i := range numbers {
		var err error
		numbers[i], err = recipients.FromDigits(12000000000 + uint64(i)*7919%1000000000)
		require.NoError(tb, err)
	}
	return numbers
}

// benchFleet returns a fleet of n healthy lines of the tenant acme.
func benchFleet(tb testing.TB, numbers []recipients.Handle) *fleet.Fleet {
	f, err := fleet.New(fleet.Options{})
	require.NoError(tb, err)
	lines := make([]line.Line, len(numbers))
	for i, n := range numbers {
		lines[i] = line.Line{Number: n}
	}
	require.NoError(tb, f.SetLines("acme", lines))
	return f
}

// benchInput is a reuse of one of some chats, the last of them on a line that
// can continue.
func benchInput(tb testing.TB, lines, chats int) routing.Input {
	numbers := benchNumbers(tb, lines)
	f := benchFleet(tb, numbers)
	for _, n := range numbers[1:min(chats, lines)] {
		flagged := line.Line{Number: n, Status: line.Flagged}
		require.NoError(tb, f.PutLine("acme", flagged))
	}
	view, err := f.View(context.Background(), "acme", noon)
	require.NoError(tb, err)
	in := routing.Input{
		Send: request(tb, nil, ann), Lines: view, At: noon, MessageID: uuid.UUID{0: 'm'}, NewChatID: uuid.UUID{0: 'n'},
	}
	for i := chats - 1; i >= 0; i-- {
		in.Chats = append(in.Chats, store.Chat{
			ID: uuid.UUID{15: byte(i)}, Line: numbers[i%lines], Roster: store.NewRoster(in.Send.Recipients(), noon),
			CreatedAt: noon, ActiveAt: noon.Add(time.Duration(i) * time.Second),
		})
	}
	return in
}

// A reuse allocates nothing (design goal: at most 150 ns as well).
func TestReuseDoesNotAllocate(t *testing.T) {
	for _, chats := range []int{1, 3, 32} {
		in := benchInput(t, 100, chats)
		d, err := routing.Decide(in)
		require.NoError(t, err)
		require.Equal(t, store.ReusedActiveChat, d.Reason)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = routing.Decide(in) }), "%d chats", chats)
	}
}

// A reuse through the Router and the store in memory allocates two ids, what
// the store hands out, the plan and the record; the rest is what the store's
// indexes grow by, and what the pool of randomness loses under the race
// detector.
func TestRouteAllocations(t *testing.T) {
	router, sends := knownRouter(t)
	i := 0
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
		i++
		route(t, router, sends[i%len(sends)])
	}), 7.0)
}

func BenchmarkDecide(b *testing.B) {
	for _, lines := range []int{10, 1_000, 10_000} {
		for _, chats := range []int{1, 3} {
			in := benchInput(b, lines, chats)
			b.Run(fmt.Sprintf("reuse/lines=%d/chats=%d", lines, chats), func(b *testing.B) { decide(b, in) })
		}
		in := benchInput(b, lines, 1)
		in.Chats = nil
		b.Run(fmt.Sprintf("new/lines=%d", lines), func(b *testing.B) { decide(b, in) })
		in = benchInput(b, lines, 3)
		in.Chats = in.Chats[:2] // on flagged lines
		b.Run(fmt.Sprintf("failover/lines=%d", lines), func(b *testing.B) { decide(b, in) })
	}
}

func decide(b *testing.B, in routing.Input) {
	measure(b, func(int) {
		if _, err := routing.Decide(in); err != nil {
			b.Fatal(err)
		}
	})
}

// measure runs the loop of a benchmark and reports processor time beside the
// time of day.
func measure(b *testing.B, one func(i int)) {
	b.ReportAllocs()
	began := processorTime()
	i := 0
	for ; b.Loop(); i++ {
		one(i)
	}
	b.ReportMetric(float64(processorTime()-began)/float64(i), "cpu-ns/op")
}

func BenchmarkExplain(b *testing.B) {
	in := benchInput(b, 1_000, 3)
	measure(b, func(int) { _ = routing.Explain(in) })
}

// BenchmarkRoute routes through the store in memory and a fleet of 1,000 lines.
func BenchmarkRoute(b *testing.B) {
	b.Run("reuse", func(b *testing.B) {
		router, sends := knownRouter(b)
		measure(b, func(i int) { route(b, router, sends[i%len(sends)]) })
	})
	b.Run("reuse/parallel", func(b *testing.B) {
		router, sends := knownRouter(b)
		parallel(b, router, sends)
	})
	b.Run("new", func(b *testing.B) {
		router, sends := benchRouter(b, strangers)
		measure(b, func(i int) { route(b, router, sends[i%len(sends)]) })
		everyoneNew(b)
	})
	b.Run("new/parallel", func(b *testing.B) {
		router, sends := benchRouter(b, strangers)
		parallel(b, router, sends)
		everyoneNew(b)
	})
	b.Run("replay", func(b *testing.B) {
		router, sends := benchRouter(b, 1)
		sends[0].Request = request(b, withKey("k"), ann)
		route(b, router, sends[0])
		measure(b, func(int) { route(b, router, sends[0]) })
	})
}

// parallel makes the sends one after the other, on as many goroutines as there
// are processors.
func parallel(b *testing.B, router *fromline.Router, sends []fromline.Outgoing) {
	b.ReportAllocs()
	b.ResetTimer()
	began := processorTime()
	var next atomic.Uint64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			route(b, router, sends[next.Add(1)%uint64(len(sends))])
		}
	})
	b.ReportMetric(float64(processorTime()-began)/float64(b.N), "cpu-ns/op")
}

// strangers is how many people nobody has written to yet.
const strangers = 100_000

func everyoneNew(b *testing.B) {
	if b.N > strangers {
		b.Fatalf("%d sends to %d people: the later ones are reuses; give a shorter -benchtime", b.N, strangers)
	}
}

func route(b testing.TB, router *fromline.Router, s fromline.Outgoing) {
	if _, err := router.Route(context.Background(), s); err != nil {
		b.Error(err)
	}
}

// knownRouter returns a Router that knows everybody it is to write to.
func knownRouter(b testing.TB) (*fromline.Router, []fromline.Outgoing) {
	router, sends := benchRouter(b, 1_000)
	for _, s := range sends {
		route(b, router, s)
	}
	return router, sends
}

// benchRouter returns a Router over 1,000 lines, and sends to n people.
func benchRouter(b testing.TB, n int) (*fromline.Router, []fromline.Outgoing) {
	chats := memory.New(memory.Options{MaxRecords: 1 << 30})
	router, err := fromline.New(chats, benchFleet(b, benchNumbers(b, 1_000)), fromline.Options{})
	require.NoError(b, err)
	sends := make([]fromline.Outgoing, n)
	for i := range sends {
		sends[i] = benchSend(b, uint64(i))
	}
	return router, sends
}

func benchSend(b testing.TB, i uint64) fromline.Outgoing {
	person, err := recipients.FromDigits(13000000000 + i)
	if err != nil {
		b.Fatal(err)
	}
	r := &message.Request{To: []string{person.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}}
	send, err := validate.Request(r, validate.Options{Recipients: recipients.Options{Strength: recipients.Syntax}})
	if err != nil {
		b.Fatal(err)
	}
	return fromline.Outgoing{Tenant: "acme", Request: send, At: noon}
}
