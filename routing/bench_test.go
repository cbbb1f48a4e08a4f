package routing_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
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
	lines := make([]fleet.Line, len(numbers))
	for i, n := range numbers {
		lines[i] = fleet.Line{Number: n}
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
		flagged := fleet.Line{Number: n, Status: fleet.Flagged}
		require.NoError(tb, f.PutLine("acme", flagged))
	}
	view, err := f.Lines(context.Background(), "acme", noon)
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
	b.ReportAllocs()
	for b.Loop() {
		if _, err := routing.Decide(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	in := benchInput(b, 1_000, 3)
	b.ReportAllocs()
	for b.Loop() {
		_ = routing.Explain(in)
	}
}

// BenchmarkRoute routes through the store in memory and a fleet of 1,000 lines:
// reuses of as many chats as there are goroutines and more, and first contacts.
func BenchmarkRoute(b *testing.B) {
	b.Run("reuse", func(b *testing.B) {
		router, sends := benchRouter(b, 1_000)
		for _, s := range sends {
			_, err := router.Route(b.Context(), s)
			require.NoError(b, err)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := router.Route(b.Context(), sends[i%len(sends)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("reuse/parallel", func(b *testing.B) {
		router, sends := benchRouter(b, 1_000)
		for _, s := range sends {
			_, err := router.Route(b.Context(), s)
			require.NoError(b, err)
		}
		b.ReportAllocs()
		var next atomic.Uint64
		b.RunParallel(func(pb *testing.PB) {
			i := next.Add(1) * 37
			for ; pb.Next(); i++ {
				if _, err := router.Route(context.Background(), sends[i%uint64(len(sends))]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("new", func(b *testing.B) {
		router, _ := benchRouter(b, 1_000)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			s := benchSend(b, uint64(i))
			b.StartTimer()
			if _, err := router.Route(b.Context(), s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("replay", func(b *testing.B) {
		router, sends := benchRouter(b, 1)
		sends[0].Request = request(b, withKey("k"), ann)
		_, err := router.Route(b.Context(), sends[0])
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if d, err := router.Route(b.Context(), sends[0]); err != nil || !d.Replay {
				b.Fatal(err)
			}
		}
	})
}

// benchRouter returns a Router over 1,000 lines, and sends to n people.
func benchRouter(b *testing.B, n int) (*routing.Router, []routing.Send) {
	chats := memory.New(memory.Options{MaxRecords: 1 << 30})
	router, err := routing.New(chats, benchFleet(b, benchNumbers(b, 1_000)), routing.Options{})
	require.NoError(b, err)
	sends := make([]routing.Send, n)
	for i := range sends {
		sends[i] = benchSend(b, uint64(i))
	}
	return router, sends
}

func benchSend(b *testing.B, i uint64) routing.Send {
	person, err := recipients.FromDigits(13000000000 + i)
	if err != nil {
		b.Fatal(err)
	}
	r := &message.Request{To: []string{person.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}}
	send, err := validate.Request(r, validate.Options{Recipients: recipients.Options{Strength: recipients.Syntax}})
	if err != nil {
		b.Fatal(err)
	}
	return routing.Send{Tenant: "acme", Request: send, At: noon}
}
