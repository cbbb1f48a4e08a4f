//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// A list of changes waits for transactions that write, and for nothing else: on
// a server without them it begins at once.
func TestAListBeginsOnAnIdleServer(t *testing.T) {
	s := newDatabase(t).open(t, postgres.Options{})
	p := newPlan(1)
	require.NoError(t, s.Commit(t.Context(), p))
	// Not the context of the test, so that a wait without end fails.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for range 3 {
		require.NoError(t, s.ListChanges(ctx, p.Tenant, uuid.New()))
	}
}

// A list does not begin while a transaction may still write what it would miss.
func TestAListWaitsForTransactionsThatWrite(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	p := newPlan(1)
	require.NoError(t, s.Commit(t.Context(), p))
	end := db.lock(t, "SELECT FROM fromline.line FOR UPDATE")
	brief, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.ListChanges(brief, p.Tenant, uuid.New()), context.DeadlineExceeded)
	end()
	require.NoError(t, s.ListChanges(t.Context(), p.Tenant, uuid.New()))
}

// before makes the server find a function of the test where the store calls one
// of the system.
func (db database) before(tb testing.TB, function string) {
	tb.Helper()
	db.exec(tb, `CREATE SCHEMA IF NOT EXISTS first; CREATE FUNCTION first.`+function+`;
		DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = first, pg_catalog, public', current_database()); END $$`)
}

// A decision that may not be on the standby yet is not told, and look-ups of
// chats alone do not wait for the standby.
func TestUnconfirmedDecisions(t *testing.T) {
	db := newDatabase(t)
	p := newPlan(1)
	require.NoError(t, db.open(t, postgres.Options{}).Commit(t.Context(), p))
	db.before(t, `current_setting(text, boolean) RETURNS text LANGUAGE sql AS $f$ SELECT 'a standby' $f$`)
	db.before(t, `pg_logical_emit_message(boolean, text, text) RETURNS pg_lsn LANGUAGE plpgsql AS
		$f$ BEGIN RAISE EXCEPTION 'the standby is away'; END $f$`)
	s := db.open(t, postgres.Options{})
	q := store.Query{Tenant: p.Tenant, Set: p.Set.Key()}
	snap, err := s.Lookup(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, snap.Chats, 1)
	q.MessageID = p.MessageID
	snap, err = s.Lookup(t.Context(), q)
	require.ErrorContains(t, err, "the standby is away")
	require.Zero(t, snap)
}

// The clock of the server advances while a call waits: events that lay too far
// ahead of it, and do not any more, are applied.
func TestTheClockAdvancesMeanwhile(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	p := newPlan(1)
	require.NoError(t, s.Commit(t.Context(), p))
	const advance = time.Minute // with each look at the clock
	db.exec(t, fmt.Sprintf(`CREATE SEQUENCE public.reads; CREATE OR REPLACE FUNCTION fromline.clock() RETURNS bigint LANGUAGE sql VOLATILE AS
		$$ SELECT %d + %d * nextval('public.reads') $$`, p.At.UnixMicro(), advance.Microseconds()))
	// Not the context of the test, so that a call without end fails.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	at := p.At.Add(store.MaxAhead + 3*advance/2)
	require.NoError(t, s.Apply(ctx, p.Tenant, []store.Event{
		store.Activity{Chat: p.ChatID, At: p.At}, store.Activity{Chat: p.ChatID, At: at}, store.Activity{Chat: p.ChatID, At: at},
	}))
	chat, err := s.Chat(t.Context(), p.Tenant, p.ChatID)
	require.NoError(t, err)
	require.Equal(t, at, chat.ActiveAt)
}
