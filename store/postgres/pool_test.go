//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/storetest"
)

// onPool returns a store over a pool of the test.
func onPool(tb testing.TB, pool *pgxpool.Pool, o postgres.Options) *postgres.Store {
	tb.Helper()
	s, err := postgres.New(tb.Context(), pool, o)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

func newPool(tb testing.TB, dsn string) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), dsn)
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	return pool
}

// A store over a pool of the host does not close the pool.
func TestPoolOfTheHost(t *testing.T) {
	pool := newPool(t, newDatabase(t).dsn)
	a, b := onPool(t, pool, postgres.Options{}), onPool(t, pool, postgres.Options{Schema: "beside"})
	require.NoError(t, a.Commit(t.Context(), newPlan(1)))
	require.NoError(t, a.Close())
	require.NoError(t, a.Close(), "again")
	require.ErrorIs(t, a.Commit(t.Context(), newPlan(2)), store.ErrClosed)
	require.NoError(t, b.Commit(t.Context(), newPlan(1)), "the other store goes on")
	require.NoError(t, pool.Ping(t.Context()))
	require.Zero(t, pool.Stat().AcquiredConns(), "no connection is kept")

	again := onPool(t, pool, postgres.Options{SchemaGiven: true})
	uses, _, err := again.LineUse(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Len(t, uses, 1)
	require.EqualValues(t, 1, uses[0].Messages[0], "Close added the counts")

	for _, o := range []postgres.Options{{MaxConnections: 1}, {Pooler: true}, {ReadOnly: true}, {Schema: "no schema"}} {
		_, err := postgres.New(t.Context(), pool, o)
		require.ErrorIs(t, err, store.ErrInvalid, "%+v", o)
	}
}

// Close waits for running calls. A call that comes meanwhile is refused, and
// returns its connection.
func TestCloseOnAPoolOfTheHost(t *testing.T) {
	db := newDatabase(t)
	pool := newPool(t, db.dsn)
	s := onPool(t, pool, postgres.Options{})
	require.NoError(t, s.Commit(t.Context(), newPlan(1)))
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "LOCK TABLE fromline.record")
	require.NoError(t, err)
	committed := make(chan error, 1)
	go func() { committed <- s.Commit(context.Background(), newPlan(2)) }()
	db.awaitWaiter(t, committed) // a second connection may be that which adds the counts
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	// LineStates does not wait for the locked table.
	require.Eventually(t, func() bool {
		_, _, err := s.LineStates(t.Context(), 0, 0)
		return errors.Is(err, store.ErrClosed)
	}, time.Minute, time.Millisecond)
	select {
	case <-closed:
		t.Fatal("Close returned while a commit was under way")
	case <-time.After(50 * time.Millisecond):
	}
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, <-committed)
	require.NoError(t, <-closed)
	require.Zero(t, pool.Stat().AcquiredConns())
}

// Over a pool of the host, a store keeps the rules for single calls.
func TestCallsOnAPoolOfTheHost(t *testing.T) {
	for _, c := range storetest.Clauses() {
		if strings.HasPrefix(c.Name, "calls/") {
			t.Run(c.Name, func(t *testing.T) {
				db := newDatabase(t)
				c.Check(t, func(tb testing.TB) storetest.Harness {
					return storetest.Harness{
						Store:   onPool(tb, newPool(tb, db.dsn), postgres.Options{}),
						Without: []storetest.Power{storetest.Durability, storetest.Clock, storetest.Bound, storetest.Damage},
					}
				})
			})
		}
	}
}

// The options, or else the connection string, or else a default sets the size
// of the pool.
func TestConnections(t *testing.T) {
	db := newDatabase(t)
	more := "?"
	if strings.Contains(db.dsn, "?") {
		more = "&"
	}
	for _, c := range []struct {
		dsn     string
		options postgres.Options
		want    int32
		mode    pgx.QueryExecMode
	}{
		{db.dsn, postgres.Options{}, 16, pgx.QueryExecModeCacheStatement},
		{db.dsn + more + "pool_max_conns=3", postgres.Options{}, 3, pgx.QueryExecModeCacheStatement},
		{db.dsn + more + "pool_max_conns=4", postgres.Options{}, 4, pgx.QueryExecModeCacheStatement},
		{db.dsn + more + "pool_max_conns=3", postgres.Options{MaxConnections: 5}, 5, pgx.QueryExecModeCacheStatement},
		{db.dsn, postgres.Options{Pooler: true}, 16, pgx.QueryExecModeCacheDescribe},
		{db.dsn + more + "default_query_exec_mode=exec", postgres.Options{Pooler: true}, 16, pgx.QueryExecModeExec},
	} {
		var got *pgxpool.Config
		s, err := postgres.OpenTuned(t.Context(), c.dsn, c.options, func(config *pgxpool.Config) { got = config })
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.Equal(t, c.want, got.MaxConns, "%s %+v", c.dsn, c.options)
		require.Equal(t, c.mode, got.ConnConfig.DefaultQueryExecMode, "%s %+v", c.dsn, c.options)
	}
}
