//go:build unix

package pgtest_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func query[T any](t *testing.T, dsn, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var v T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&v))
	return v
}

func TestDatabasesAreEmptyAndApart(t *testing.T) {
	a, b := pgtest.Database(t), pgtest.Database(t)
	require.NotEqual(t, a, b)
	for _, dsn := range []string{a, b} {
		require.Zero(t, query[int](t, dsn, `SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'`))
		query[int](t, dsn, `WITH made AS (SELECT 1 AS n) SELECT n FROM made`)
	}
	require.NotEqual(t, query[string](t, a, `SELECT current_database()::text`), query[string](t, b, `SELECT current_database()::text`))
}

// Committed data survives a kill, and nothing of the server survives Close.
func TestKilledServerRecovers(t *testing.T) {
	var socket string
	t.Run("server", func(t *testing.T) {
		server := pgtest.Start(t, pgtest.Options{Settings: map[string]string{"work_mem": "5MB"}})
		dsn := server.Database(t)
		require.Equal(t, "5MB", query[string](t, dsn, `SELECT current_setting('work_mem')`))
		socket = query[string](t, dsn, `SELECT current_setting('unix_socket_directories')`)

		conn, err := pgx.Connect(t.Context(), dsn)
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), `CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)`)
		require.NoError(t, err)
		require.NoError(t, server.Kill())
		require.Error(t, conn.Ping(t.Context()))
		require.NoError(t, server.Start())
		require.Equal(t, 7, query[int](t, dsn, `SELECT n FROM kept`))
	})
	if socket == "" {
		return // skipped above
	}
	_, err := os.Stat(socket)
	require.ErrorIs(t, err, os.ErrNotExist)
}
