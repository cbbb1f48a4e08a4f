//go:build unix

package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// withoutStatistics are settings of a server that never analyses its tables, so
// that a session keeps the plans of its first day.
var withoutStatistics = map[string]string{"autovacuum": "off"}

// BenchmarkImport loads 200,000 chats into a new database without statistics.
// It reports how long a chat takes at the beginning and at the end.
func BenchmarkImport(b *testing.B) {
	const all, tenth = 200_000, 20_000
	server := pgtest.Start(b, pgtest.Options{Settings: withoutStatistics})
	for b.Loop() {
		s := database{server.Database(b)}.open(b, postgres.Options{})
		var took []time.Duration
		for from := 0; from < all; from += tenth {
			start := time.Now()
			loadChats(b, s, from, from+tenth)
			took = append(took, time.Since(start))
		}
		first, last := took[0], took[len(took)-1]
		b.ReportMetric(float64(first.Microseconds())/tenth, "first-µs/chat")
		b.ReportMetric(float64(last.Microseconds())/tenth, "last-µs/chat")
		b.ReportMetric(float64(last)/float64(first), "last/first")
	}
}

// loadChats adds chats as an import does: it first asks which of them are
// there.
func loadChats(tb testing.TB, s *postgres.Store, from, to int) {
	const batch = 500
	for ; from < to; from += batch {
		events := make([]store.Event, 0, batch)
		for i := from; i < min(from+batch, to); i++ {
			events = append(events, store.ChatSeen{
				ID: benchID(1, i), Line: benchLine(i), Participants: benchSet(i), CreatedAt: benchStart,
			})
		}
		ids := make([]uuid.UUID, len(events))
		for i, e := range events {
			ids[i] = e.ChatID()
		}
		_, err := s.ChatsByID(tb.Context(), "acme", ids)
		require.NoError(tb, err)
		require.NoError(tb, s.Apply(tb.Context(), "acme", events))
	}
}

// BenchmarkPlans sends through two stores in turn, which have the same number
// of chats. The sessions of the first planned when its tables were empty and
// analysed, those of the second when they were full and analysed. It reports
// the time of a send of the first, as a multiple of one of the second.
func BenchmarkPlans(b *testing.B) {
	const known, each = 15_000, 400
	server := pgtest.Start(b, pgtest.Options{Settings: withoutStatistics})
	stores := make([]*benchSends, 2)
	for i := range stores {
		s := &benchSends{db: database{server.Database(b)}}
		s.store = s.db.open(b, postgres.Options{MaxConnections: 1})
		s.db.exec(b, "ANALYZE")
		loadChats(b, s.store, 0, 1)
		for n := range 12 { // a session keeps a plan from its sixth use on
			require.NoError(b, s.send("reuse", n*benchSets))
			require.NoError(b, s.send("new", -1-n))
		}
		loadChats(b, s.store, 1, benchSets)
		s.time(b, 1, known, "new")
		stores[i] = s
	}
	full := stores[1]
	full.db.exec(b, "ANALYZE")
	full.store = full.db.open(b, postgres.Options{MaxConnections: 1})
	kinds := []string{"new", "reuse"}
	for _, kind := range kinds {
		full.time(b, 1, 20, kind)
	}
	took := make(map[string]*[2]time.Duration)
	for round := 0; b.Loop(); round++ {
		for _, kind := range kinds {
			if took[kind] == nil {
				took[kind] = new([2]time.Duration)
			}
			for i := range stores {
				i ^= round % 2 // each is as often the first
				took[kind][i] += stores[i].time(b, 1, each, kind)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	for kind, t := range took {
		b.ReportMetric(float64(t[1].Microseconds())/float64(each*b.N), kind+"-µs/send")
		b.ReportMetric(float64(t[0])/float64(t[1]), kind+"-empty/full")
	}
}
