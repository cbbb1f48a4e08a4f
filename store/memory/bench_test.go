package memory_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(testing.TB) storetest.Harness {
		return storetest.Harness{Store: memory.New(memory.Options{MaxRecords: 1 << 40})}
	})
}

// maxChatBytes is what a chat of two may take, our line not counted as one.
const maxChatBytes = 400

// TestBytesPerChat measures what chats take, at numbers of chats between those
// at which the maps double, and states it: with one other person and with two.
func TestBytesPerChat(t *testing.T) {
	for _, others := range []int{1, 2} {
		for _, n := range []int{65_000, 100_000} {
			s := memory.New(memory.Options{})
			before := heap()
			fill(t, s, n, others)
			bytes := float64(heap()-before) / float64(n)
			t.Logf("%d chats with %d others: %.0f bytes each", n, others, bytes)
			require.LessOrEqual(t, bytes, float64(maxChatBytes))
			runtime.KeepAlive(s)
		}
	}
}

// TestBytesPerRecord measures and states what records take besides chats,
// without a trace, and with those that a reuse and a first contact mostly have.
func TestBytesPerRecord(t *testing.T) {
	const n = 50_000
	for _, trace := range []int{0, 12, 48} {
		s := memory.New(memory.Options{})
		fill(t, s, 1, 1)
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: set(0, 1).Key()})
		require.NoError(t, err)
		chat := snap.Chats[0]
		before := heap()
		for i := range n {
			at := time.Unix(1_700_000_000+int64(i), 0)
			require.NoError(t, s.Commit(t.Context(), &store.Plan{
				Tenant: "acme", Set: set(0, 1), Revision: snap.Revision,
				Record: store.Record{
					Key: uuid.NewString(), MessageID: uuid.New(), ChatID: chat.ID, Line: chat.Line, Reason: store.ReusedActiveChat,
					At: at, Roster: chat.Roster, KeepUntil: at.Add(time.Hour), Trace: string(make([]byte, trace)),
				},
			}))
		}
		bytes := float64(heap()-before) / n
		t.Logf("%d records with keys and traces of %d bytes: %.0f bytes each", n, trace, bytes)
		require.LessOrEqual(t, bytes, 400.0+float64(trace))
		runtime.KeepAlive(s)
	}
}

// fill makes chats known, each with other people, on 100 lines.
func fill(t *testing.T, s *memory.Store, n, others int) {
	events := make([]store.Event, 0, 1000)
	for i := range n {
		events = append(events, store.ChatSeen{
			ID: uuid.New(), Line: phone(13_015_550_000 + i%100), Participants: set(i, others), CreatedAt: time.Unix(1_700_000_000, 0),
		})
		if len(events) == cap(events) || i == n-1 {
			require.NoError(t, s.Apply(t.Context(), "acme", events))
			events = events[:0]
		}
	}
}

func set(i, others int) recipients.Set {
	handles := make([]recipients.Handle, others)
	for k := range handles {
		handles[k] = phone(12_025_000_000 + i*others + k)
	}
	set, err := recipients.NewSet(handles...)
	if err != nil {
		panic(err)
	}
	return set
}

func phone(digits int) recipients.Handle {
	h, err := recipients.FromDigits(uint64(digits))
	if err != nil {
		panic(err)
	}
	return h
}

// heap returns how much of the heap is in use once the garbage is gone.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
