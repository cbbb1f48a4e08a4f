package memory_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

// open returns a new store whose clock stands still until it is moved.
func open(testing.TB) storetest.Harness {
	var clock atomic.Int64
	clock.Store(storetest.Start.UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	return storetest.Harness{
		Store:   memory.New(memory.Options{Clock: now}),
		Advance: func(d time.Duration) { clock.Add(int64(d)) },
		Bounded: func(records int) store.ChatStore {
			return memory.New(memory.Options{Clock: now, MaxRecords: records})
		},
		Without: []storetest.Power{storetest.Durability, storetest.Damage, storetest.ChangeLister},
	}
}

func TestStore(t *testing.T) { storetest.Run(t, open) }

// FuzzStore is the law of the generated histories as a fuzz target.
func FuzzStore(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("one of many histories that begin in some way or other"))
	f.Fuzz(rapid.MakeFuzz(storetest.Histories(f, open)))
}

// TestAllocations states what the two halves of a send allocate: the chats that
// are handed out, and the record that is kept with its places in the indexes.
func TestAllocations(t *testing.T) {
	s := memory.New(memory.Options{})
	fill(t, s, 1, 1)
	q := store.Query{Tenant: "acme", Set: set(0, 1).Key(), MessageID: uuid.New()}
	var snap store.Snapshot
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() { snap, _ = s.Lookup(t.Context(), q) }), 1.0)

	chat := snap.Chats[0]
	at := chat.ActiveAt
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
		at = at.Add(time.Second)
		p := store.Plan{
			Tenant: "acme", Set: set(0, 1), Revision: snap.Revision,
			Record: store.Record{
				MessageID: uuid.New(), ChatID: chat.ID, Line: chat.Line, Reason: store.ReusedActiveChat, At: at, KeepUntil: at,
			},
		}
		if err := s.Commit(t.Context(), &p); err != nil {
			t.Error(err)
		}
	}), 8.0)
}
