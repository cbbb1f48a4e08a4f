//go:build unix

package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// TestBytesPerRow measures the figures of docs/scale.md: how much of the file a
// direct chat, a record with a key and a delivery take, with indexes.
func TestBytesPerRow(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 500
	}
	if os.Getenv("FROMLINE_LONG") != "" {
		n = 20_000
	}
	path := filepath.Join(t.TempDir(), "fromline.db")
	var s *sqlite.Store
	size := func() float64 { // closing moves everything from the WAL to the file
		if s != nil {
			require.NoError(t, s.Close())
		}
		s = open(t, path, sqlite.Options{Synchronous: sqlite.Normal})
		info, err := os.Stat(path)
		require.NoError(t, err)
		return float64(info.Size())
	}
	before := size()
	var events []store.Event
	for i := range n {
		events = append(events, store.ChatSeen{ID: uuid.New(), Line: benchLine(i), Participants: benchSet(i), CreatedAt: benchStart})
	}
	require.NoError(t, s.Apply(t.Context(), "acme", events))
	after := size()
	perChat := (after - before) / float64(n)

	chat := events[0].(store.ChatSeen)
	snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: chat.Participants.Key()})
	require.NoError(t, err)
	reuse := func(i int, delivered bool) {
		p := newPlan(0)
		p.Set, p.ChatID, p.Line, p.Revision = chat.Participants, chat.ID, chat.Line, snap.Revision
		p.Reason, p.At = store.ReusedActiveChat, benchStart.Add(time.Duration(i)*time.Second)
		p.Record = store.Record{
			Key: uuid.NewString(), MessageID: uuid.New(), ChatID: p.ChatID, Line: p.Line, Reason: p.Reason, At: p.At,
			Roster: store.NewRoster(p.Set, benchStart), KeepUntil: p.At.Add(time.Hour),
		}
		if delivered {
			p.Content = make([]byte, 200)
		}
		require.NoError(t, s.Commit(t.Context(), p))
	}
	for i := range n / 2 {
		reuse(i, false)
	}
	before, after = after, size()
	perRecord := (after - before) / float64(n/2)
	for i := range n / 2 {
		reuse(n+i, true)
	}
	before, after = after, size()
	perDelivery := (after-before)/float64(n/2) - perRecord
	t.Logf("bytes: %.0f a direct chat, %.0f a record with a key, %.0f a delivery of 200 bytes", perChat, perRecord, perDelivery)
	require.Less(t, perChat, 600.0)
	require.Less(t, perRecord, 700.0)
	require.Less(t, perDelivery, 900.0)
}
