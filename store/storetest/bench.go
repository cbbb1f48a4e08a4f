package storetest

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Bench measures the calls that sends make of a store, in the same way for all
// stores. A send is one look-up and one commit. A replay is a look-up. An
// opening is a commit that leases its message. A reroute is an opening, a
// look-up, and a Reroute of the message.
//
// Each benchmark opens a store of its own, with 10,000 sets of one chat each,
// on 100 lines. Each send is a millisecond later than the one before. The store
// must be able to keep a record of every send of a run. Bench skips the calls
// of powers that the store does not have.
func Bench(b *testing.B, open Open) {
	for _, m := range measures {
		for _, callers := range m.callers {
			b.Run(fmt.Sprintf("%s/callers=%d", m.name, callers), func(b *testing.B) {
				h := open(b)
				defer newWorld(b, h).close()
				s := newSends(b, h.Store)
				b.ReportAllocs()
				s.run(b, callers, m.send)
			})
		}
	}
}

type measure struct {
	name    string
	callers []int
	send    func(s *sends, n uint64) error
}

var alone, some = []int{1}, []int{1, 16}

var measures = []measure{
	{"lookup", some, func(s *sends, n uint64) error {
		_, err := s.look(s.known(n), n)
		return err
	}},
	{"reuse", some, func(s *sends, n uint64) error { return s.send(store.ReusedActiveChat, s.known(n), number(0), n) }},
	{"new", some, func(s *sends, n uint64) error {
		return s.send(store.NewBestNumber, people(1_000_000+int(n)), number(int(n)%benchLines), n)
	}},
	{"failover", alone, func(s *sends, n uint64) error {
		return s.send(store.FailoverFlagged, s.known(n), number(int(n)%benchLines), n)
	}},
	{"replay", alone, func(s *sends, n uint64) error {
		snap, err := s.store.Lookup(background, store.Query{
			Tenant: acme, Set: s.known(n).Key(), IdempotencyKey: s.replays[n%uint64(len(s.replays))],
		})
		if err == nil && snap.Record == nil {
			err = store.ErrNoRecord
		}
		return err
	}},
	{"heard", some, heard},
	{"consent", some, consented},
	{"opening", some, opening},
	{"reroute", some, rerouted},
	{"one hot set", some, func(s *sends, n uint64) error {
		return s.send(store.ReusedActiveChat, s.known(0), number(0), n)
	}},
	{"one hot line", some, func(s *sends, n uint64) error {
		return s.send(store.NewBestNumber, people(1_000_000+int(n)), number(0), n)
	}},
}

const (
	benchSets  = 10_000
	benchLines = 100
)

// sends holds the state of one benchmark.
type sends struct {
	store     store.ChatStore
	sets      []recipients.Set
	replays   []string // keys with a record
	conflicts atomic.Int64
}

func newSends(b *testing.B, st store.ChatStore) *sends {
	s := &sends{store: st}
	events := make([]store.Event, benchSets)
	for i := range events {
		set := people(i)
		s.sets = append(s.sets, set)
		events[i] = store.ChatSeen{ID: benchID(1, uint64(i)), Line: number(i % benchLines), Participants: set, CreatedAt: noon}
	}
	require.NoError(b, st.Apply(background, acme, events))
	for i := range 100 {
		set := people(benchSets + i)
		p := planOf(store.NewBestNumber, set, benchID(2, uint64(i)), number(0), noon, benchID(3, uint64(i)))
		p.Key = fmt.Sprint("key ", i)
		require.NoError(b, st.Commit(background, p))
		s.replays = append(s.replays, p.Key)
	}
	return s
}

// run makes b.N sends from a number of concurrent callers.
func (s *sends) run(b *testing.B, callers int, send func(s *sends, n uint64) error) {
	var next atomic.Uint64
	if callers == 1 {
		for b.Loop() {
			if err := send(s, next.Add(1)); err != nil {
				b.Fatal(err)
			}
		}
	} else {
		b.ResetTimer()
		b.SetParallelism((callers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := send(s, next.Add(1)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	b.ReportMetric(float64(s.conflicts.Load())/float64(max(1, next.Load())), "conflicts/op")
}

// known returns a set with a chat, in an order that no cache foresees.
func (s *sends) known(n uint64) recipients.Set {
	return s.sets[n*7919%benchSets]
}

func (s *sends) look(set recipients.Set, n uint64) (store.Snapshot, error) {
	return s.store.Lookup(background, store.Query{Tenant: acme, Set: set.Key(), MessageID: benchID(4, n)})
}

// send looks up and commits, and repeats both after a conflict.
func (s *sends) send(reason store.Reason, set recipients.Set, line recipients.Handle, n uint64) error {
	for {
		snap, err := s.look(set, n)
		if err != nil {
			return err
		}
		p := planOf(reason, set, benchID(5, n), line, noon.Add(time.Duration(n)*time.Millisecond), benchID(4, n))
		p.Revision = snap.Revision
		switch reason {
		case store.ReusedActiveChat:
			p.ChatID, p.Line, p.Roster = snap.Chats[0].ID, snap.Chats[0].Line, snap.Chats[0].Roster
		case store.FailoverFlagged:
			p.PreviousChatID = snap.Chats[0].ID
		}
		kind, err := kindOf(s.store.Commit(background, p))
		if err != nil || kind == 0 {
			return err
		}
		s.conflicts.Add(1)
	}
}

// benchID returns an id that looks random and is cheap to make.
func benchID(kind byte, n uint64) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], n)
	binary.BigEndian.PutUint64(id[8:], n*0x9e3779b97f4a7c15)
	id[0] = kind
	return id
}
