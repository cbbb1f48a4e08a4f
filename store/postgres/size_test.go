//go:build unix

package postgres_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// TestBytesPerRow measures the figures of docs/scale.md: how much disk a direct
// chat, a record with a key and a delivery take, with indexes.
func TestBytesPerRow(t *testing.T) {
	n := 2000
	if os.Getenv("FROMLINE_LONG") != "" {
		n = 20_000
	}
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	conn := pgtest.Connect(t, db.dsn)
	size := func(tables string) float64 {
		_, err := conn.Exec(t.Context(), "VACUUM ANALYZE")
		require.NoError(t, err)
		var bytes int64
		err = conn.QueryRow(t.Context(), `SELECT sum(pg_total_relation_size(oid)) FROM pg_class
			WHERE relnamespace = 'fromline'::regnamespace AND relkind = 'r' AND relname = ANY (string_to_array($1, ' '))`, tables).Scan(&bytes)
		require.NoError(t, err)
		return float64(bytes)
	}
	chats, records, deliveries := size("chat chat_set"), size("record"), size("delivery queue")
	var events []store.Event
	for i := range n {
		events = append(events, store.ChatSeen{ID: uuid.New(), Line: benchLine(i), Participants: benchSet(i), CreatedAt: benchStart})
	}
	require.NoError(t, s.Apply(t.Context(), "acme", events))
	perChat := (size("chat chat_set") - chats) / float64(n)
	chat := events[0].(store.ChatSeen)
	snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: chat.Participants.Key()})
	require.NoError(t, err)
	for i := range n / 2 {
		p := benchPlan("reuse", i)
		p.Set, p.ChatID, p.Line, p.Revision, p.At = chat.Participants, chat.ID, chat.Line, snap.Revision, benchStart.Add(time.Duration(i)*time.Second)
		p.Key, p.KeepUntil = uuid.NewString(), p.At.Add(time.Hour)
		p.Content = make([]byte, 200)
		require.NoError(t, s.Commit(t.Context(), p))
	}
	perRecord := (size("record") - records) / float64(n/2)
	perDelivery := (size("delivery queue") - deliveries) / float64(n/2)
	t.Logf("bytes: %.0f a direct chat, %.0f a record with a key, %.0f a delivery of 200 bytes", perChat, perRecord, perDelivery)
	require.Less(t, perChat, 800.0)
	require.Less(t, perRecord, 800.0)
	require.Less(t, perDelivery, 1000.0)
}
