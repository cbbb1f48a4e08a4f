//go:build unix

package postgres_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// trips counts how often a connection waits for the server in calls of the
// test: to prepare a statement, and to run one. Calls that the store makes by
// itself have another context.
type trips struct{ n atomic.Int64 }

type ofTheTest struct{}

func (c *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.count(ctx)
	return ctx
}

func (c *trips) TracePrepareStart(ctx context.Context, _ *pgx.Conn, _ pgx.TracePrepareStartData) context.Context {
	c.count(ctx)
	return ctx
}

func (c *trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData)     {}
func (c *trips) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}

func (c *trips) count(ctx context.Context) {
	if ctx.Value(ofTheTest{}) != nil {
		c.n.Add(1)
	}
}

// Any look-up is one round trip and any commit another one, once the connection
// has prepared the statements. Events are one, or two if participants change.
// Conflicts are data: the server reports no error, which it would write to its
// log.
func TestOneRoundTripEach(t *testing.T) {
	var trips trips
	var errors atomic.Int64
	s, err := postgres.OpenTuned(t.Context(), newDatabase(t).dsn, postgres.Options{MaxConnections: 1}, func(c *pgxpool.Config) {
		c.ConnConfig.Tracer = &trips
		c.ConnConfig.OnPgError = func(*pgconn.PgConn, *pgconn.PgError) bool {
			errors.Add(1)
			return true
		}
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	ctx := context.WithValue(t.Context(), ofTheTest{}, true)
	once := func(what string, do func() error) error {
		t.Helper()
		before := trips.n.Load()
		err := do()
		require.EqualValues(t, before+1, trips.n.Load(), what)
		return err
	}
	look := func(p *store.Plan) (snap store.Snapshot) {
		require.NoError(t, once("a look-up", func() (err error) {
			snap, err = s.Lookup(ctx, store.Query{
				Tenant: p.Tenant, Set: p.Set.Key(), IdempotencyKey: p.Key, MessageID: p.MessageID,
			})
			return err
		}))
		return snap
	}
	conflict := func(p *store.Plan, want store.ConflictKind) {
		t.Helper()
		var conflict *store.Conflict
		require.ErrorAs(t, once("a conflict", func() error { return s.Commit(ctx, p) }), &conflict)
		require.Equal(t, want, conflict.Kind)
	}
	// The first calls prepare the statements.
	_, err = s.Lookup(ctx, store.Query{Tenant: "acme"})
	require.NoError(t, err)
	require.NoError(t, s.Commit(ctx, newPlan(0)))
	_, err = s.KnownLines(ctx, "acme", nil)
	require.NoError(t, err)
	require.NotZero(t, trips.n.Load(), "nothing is counted")
	errors.Store(0) // Open asks for tables that may not exist

	opens := newPlan(1)
	opens.Key, opens.NewChatLimit = "key", 2
	opens.Content = []byte("{}")
	require.NoError(t, once("a new chat", func() error { return s.Commit(ctx, opens) }))
	snap := look(opens)
	require.NotNil(t, snap.Record)

	reuses := newPlan(1)
	reuses.Reason, reuses.ChatID, reuses.Revision, reuses.At = store.ReusedActiveChat, opens.ChatID, snap.Revision, opens.At.Add(time.Minute)
	fit(reuses)
	require.NoError(t, once("a reuse", func() error { return s.Commit(ctx, reuses) }))

	fails := newPlan(1)
	fails.Reason, fails.PreviousChatID, fails.Revision = store.FailoverFlagged, opens.ChatID, look(opens).Revision
	fit(fails)
	full := *fails
	full.NewChatLimit = 2
	conflict(&full, store.LineFull)
	require.NoError(t, once("a failover", func() error { return s.Commit(ctx, fails) }))

	require.NoError(t, once("lines that people know", func() error {
		lines, err := s.KnownLines(ctx, "acme", [][]recipients.Handle{{opens.Set.At(0)}, {newPlan(0).Set.At(0)}})
		require.NotEmpty(t, lines)
		return err
	}))

	conflict(fails, store.RevisionMoved)
	taken := newPlan(2)
	taken.Key = "key"
	conflict(taken, store.KeyTaken)
	// Hear is one round trip too, in all cases.
	m := store.DirectMessage{Line: opens.Line, Sender: newPlan(9).Set.At(0), Chat: uuid.New(), Note: "chat net", At: opens.At}
	_, _, err = s.Hear(t.Context(), "acme", m) // this prepares the statement
	require.NoError(t, err)
	stops := true
	for _, change := range []func(){
		func() {},
		func() { m.At = m.At.Add(time.Hour) },
		func() { m.Sender, m.Chat = newPlan(10).Set.At(0), uuid.New() },
		func() { m.OptedOut, m.UnlessBlocked, m.At = &stops, true, m.At.Add(time.Hour) },
		func() { m.Chat = uuid.New() }, // found by its people, and noted
	} {
		change()
		require.NoError(t, once("an inbound message", func() error {
			_, _, err := s.Hear(ctx, "acme", m)
			return err
		}))
	}
	require.Zero(t, errors.Load(), "the server reported errors")

	// Events that change participants are two: one reads those of known chats, and
	// those of a chat that an event before brought are not asked for again.
	for i, ctx := range []context.Context{t.Context(), ctx} { // the first prepares the statements
		seen := store.ChatSeen{ID: uuid.New(), Line: opens.Line, Participants: newPlan(20 + i).Set, CreatedAt: opens.At}
		another := newPlan(30).Set.At(0)
		for _, change := range []store.Event{
			store.ParticipantAdded{Chat: seen.ID, Handle: another, At: opens.At}, store.ParticipantRemoved{Chat: seen.ID, Handle: another},
		} {
			before := trips.n.Load()
			require.NoError(t, s.Apply(ctx, "acme", []store.Event{seen, change}))
			require.EqualValues(t, before+int64(2*i), trips.n.Load(), "%T", change)
		}
	}
}

// fit turns a plan into one of another message, kept for an hour.
func fit(p *store.Plan) { p.MessageID, p.KeepUntil = uuid.New(), p.At.Add(time.Hour) }
