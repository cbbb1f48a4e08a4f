//go:build unix

package postgres_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/storetest"
)

// Every call works in a session that has forgotten everything before, as behind
// a pooler in transaction mode: each statement twice, or with FROMLINE_LONG=1
// the whole suite.
func TestPooler(t *testing.T) {
	db := newDatabase(t)
	if os.Getenv("FROMLINE_LONG") != "" {
		storetest.Run(t, func(tb testing.TB) storetest.Harness {
			h := db.harness(tb, func(tb testing.TB) *postgres.Store { return db.open(tb, postgres.Options{}) })
			require.NoError(tb, h.Store.(*postgres.Store).Close())
			h.Store = db.openForgetful(tb)
			h.Reopen = func() store.ChatStore { return db.openForgetful(tb) }
			h.Settle = func() { require.NoError(tb, h.Store.(*postgres.Store).Flush(tb.Context())) }
			return h
		})
		return
	}
	s := db.openForgetful(t)
	ctx := t.Context()
	for i := range 2 {
		p := newPlan(i)
		p.Content = []byte("{}")
		require.NoError(t, s.Commit(ctx, p))
		snap, err := s.Lookup(ctx, store.Query{
			Tenant: p.Tenant, Set: p.Set.Key(), MessageID: p.MessageID,
		})
		require.NoError(t, err)
		require.Len(t, snap.Chats, 1)
		require.NotNil(t, snap.Record)
		other := recipients.MustParse("b@example.com")
		require.NoError(t, s.Apply(ctx, p.Tenant, []store.Event{
			store.Activity{Chat: p.ChatID, At: p.At}, store.ParticipantAdded{Chat: p.ChatID, Handle: other, At: p.At},
		}))
		_, err = s.Chat(ctx, p.Tenant, p.ChatID)
		require.NoError(t, err)
		_, _, err = s.ChatsOfLine(ctx, p.Tenant, p.Line, p.ChatID, 1)
		require.NoError(t, err)
		_, err = s.Decision(ctx, p.Tenant, p.MessageID)
		require.NoError(t, err)
		require.NoError(t, s.Flush(ctx))
		_, _, err = s.LineUse(ctx, 0, 1)
		require.NoError(t, err)
		_, err = s.ReportLine(ctx, line.State{Tenant: p.Tenant, Number: p.Line, Status: line.Flagged, StatusAt: p.At})
		require.NoError(t, err)
		_, _, err = s.LineStates(ctx, 0, 1)
		require.NoError(t, err)
		claimed, err := s.Claim(ctx, 1e9, 1)
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		require.NoError(t, s.Park(ctx, claimed[0].Lease, 1, store.ParkedAttempts))
		_, _, err = s.Parked(ctx, p.Tenant, p.ChatID, 1)
		require.NoError(t, err)
		require.NoError(t, s.Release(ctx, p.Tenant, p.MessageID, false))
		backlog, err := s.Backlog(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, backlog.Waiting)
		_, err = s.Purge(ctx, p.At, 1)
		require.NoError(t, err)
		forgotten, err := s.Forget(ctx, p.Tenant, other)
		require.NoError(t, err)
		require.Equal(t, 1, forgotten)
	}
}

func (db database) openForgetful(tb testing.TB) *postgres.Store {
	tb.Helper()
	s, err := postgres.OpenForgetful(tb.Context(), db.dsn, postgres.Options{Pooler: true})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}
