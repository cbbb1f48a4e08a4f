package memory_test

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// BenchmarkAgainstMap compares sends, a look-up and a commit each, with the
// least that any store in memory must do for one: find the chat of a set in a
// map, and put a copy of the record into another, under one lock. A round makes
// sends each way, one way after the other, so that both see the same machine.
// The floor keeps no order, no revision, no limit, no expiry and no index of
// lines and chats; the ratio says what those cost.
func BenchmarkAgainstMap(b *testing.B) {
	const sets, round = 10_000, 2_000
	for _, kind := range []store.Reason{store.ReusedActiveChat, store.NewBestNumber} {
		b.Run(kind.String(), func(b *testing.B) {
			s, f := memory.New(memory.Options{MaxRecords: 1 << 40}), newFloor()
			for i := range sets {
				chat := store.Chat{ID: id(1, i), Line: phone(13_015_550_000 + i%100), Roster: store.NewRoster(set(i, 1), start)}
				f.chats[set(i, 1).Key()] = chat
				require.NoError(b, s.Apply(b.Context(), "acme", []store.Event{store.ChatSeen{
					ID: chat.ID, Line: chat.Line, Participants: set(i, 1), CreatedAt: start,
				}}))
			}
			var took [2]time.Duration
			n := 0
			for b.Loop() {
				plans := make([]store.Plan, round)
				for i := range plans {
					n++
					people := set(n*7919%sets, 1)
					if kind == store.NewBestNumber {
						people = set(sets+n, 1)
					}
					plans[i] = plan(kind, people, n)
				}
				for way, do := range []func(p *store.Plan) error{f.send, func(p *store.Plan) error { return send(b, s, p) }} {
					began := time.Now()
					for i := range plans {
						if err := do(&plans[i]); err != nil {
							b.Fatal(err)
						}
					}
					took[way] += time.Since(began)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took[0])/float64(n), "floor-ns/send")
			b.ReportMetric(float64(took[1])/float64(n), "store-ns/send")
			b.ReportMetric(float64(took[1])/float64(took[0]), "times-the-floor")
		})
	}
}

var start = time.Unix(1_700_000_000, 0)

// id returns an id that costs no randomness.
func id(kind byte, n int) (id uuid.UUID) {
	id[0] = kind
	binary.BigEndian.PutUint64(id[8:], uint64(n)*0x9e3779b97f4a7c15)
	return id
}

// plan returns a plan but for what a look-up tells.
func plan(reason store.Reason, people recipients.Set, n int) store.Plan {
	at := start.Add(time.Duration(n) * time.Millisecond)
	return store.Plan{
		Tenant: "acme", Set: people,
		Record: store.Record{ChatID: id(2, n), Line: phone(13_015_550_000 + n%100), MessageID: id(3, n), Reason: reason, At: at, Roster: store.NewRoster(people, at), KeepUntil: at.Add(time.Hour)},
	}
}

func send(b *testing.B, s *memory.Store, p *store.Plan) error {
	snap, err := s.Lookup(b.Context(), store.Query{Tenant: "acme", Set: p.Set.Key(), MessageID: p.MessageID})
	if err != nil {
		return err
	}
	p.Revision = snap.Revision
	if len(snap.Chats) > 0 {
		p.ChatID, p.Line = snap.Chats[0].ID, snap.Chats[0].Line
	}
	return s.Commit(b.Context(), p)
}

// floor is two maps under one lock.
type floor struct {
	mu      sync.Mutex
	chats   map[recipients.Key]store.Chat
	records map[uuid.UUID]*store.Record
}

func newFloor() *floor {
	return &floor{chats: make(map[recipients.Key]store.Chat), records: make(map[uuid.UUID]*store.Record)}
}

func (f *floor) send(p *store.Plan) error {
	f.mu.Lock()
	chats := []store.Chat{f.chats[p.Set.Key()]}
	f.mu.Unlock()
	r := p.Record
	r.ChatID, r.Line = chats[0].ID, chats[0].Line
	f.mu.Lock()
	if p.Reason == store.NewBestNumber {
		f.chats[p.Set.Key()] = store.Chat{ID: p.ChatID, Line: p.Line, Roster: r.Roster, CreatedAt: p.At, ActiveAt: p.At}
	}
	f.records[r.MessageID] = &r
	f.mu.Unlock()
	return nil
}
