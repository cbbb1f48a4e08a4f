package fromline_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// BenchmarkFull makes sends to chats of any age by turns, through a Router over
// a memory store that knows 10,000 chats and one that knows as many as
// FROMLINE_CHATS says, 100,000 where it says nothing. It reports the processor
// time of a send, the collector's in it, and what the full store takes.
func BenchmarkFull(b *testing.B) {
	const turn = 2_000
	sizes := []int{10_000, 100_000}
	if text := os.Getenv("FROMLINE_CHATS"); text != "" {
		var err error
		sizes[1], err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	numbers := benchNumbers(b, 1_000)
	person := func(i int) recipients.Handle {
		h, err := recipients.FromDigits(14_150_000_000 + uint64(i))
		require.NoError(b, err)
		return h
	}
	routers, took := make([]*fromline.Router, len(sizes)), make([]time.Duration, len(sizes))
	for k, size := range sizes {
		s := memory.New(memory.Options{MaxRecords: 1 << 40})
		began := time.Now()
		for from := 0; from < size; {
			events := make([]store.Event, 0, store.MaxPage)
			for ; from < size && len(events) < cap(events); from++ {
				set, err := recipients.NewSet(person(from))
				require.NoError(b, err)
				events = append(events, store.ChatSeen{ID: uuid.New(), Line: numbers[from%len(numbers)], Participants: set, CreatedAt: noon})
			}
			require.NoError(b, s.Apply(b.Context(), "acme", events))
		}
		b.Logf("%d chats became known in %v", size, time.Since(began).Round(time.Second))
		var err error
		routers[k], err = fromline.New(s, benchFleet(b, numbers), fromline.Options{})
		require.NoError(b, err)
	}
	n := 0
	for b.Loop() {
		for k, size := range sizes {
			sends := make([]fromline.Outgoing, turn)
			for i := range sends {
				sends[i] = fromline.Outgoing{Tenant: "acme", Request: request(b, nil, person((n+i)*7919%size)), At: noon.Add(time.Duration(n+i) * time.Millisecond)}
			}
			before := processorTime()
			for i := range sends {
				_, err := routers[k].Route(b.Context(), sends[i])
				require.NoError(b, err)
			}
			took[k] += processorTime() - before
		}
		n += turn
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took[0].Nanoseconds())/float64(n), "few-cpu-ns/send")
	b.ReportMetric(float64(took[1].Nanoseconds())/float64(n), "full-cpu-ns/send")
	b.ReportMetric(float64(took[1])/float64(took[0]), "full/few")
}
