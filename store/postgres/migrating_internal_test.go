//go:build unix

package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
)

// What the server says of an index is told in words, and its end once. The
// server finds a table of the test in the place of its own view.
func TestWhatTheServerSaysOfAnIndex(t *testing.T) {
	config, err := pgxpool.ParseConfig(pgtest.Database(t))
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["search_path"] = "public, pg_catalog"
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `CREATE TABLE pg_stat_progress_create_index AS
		SELECT pg_backend_pid() AS pid, '' AS phase, 3 AS blocks_done, 5 AS blocks_total, 7 AS tuples_done, 9 AS tuples_total`)
	require.NoError(t, err)
	var pid int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid))
	var told []store.Migration
	m := &migrating{tell: func(at store.Migration) { told = append(told, at) }}
	for _, phase := range []string{
		"", "building index: scanning table", "building index: sorting live tuples", "building index: loading tuples in tree", "", "",
	} {
		_, err = pool.Exec(t.Context(), "UPDATE pg_stat_progress_create_index SET phase = $1", phase)
		require.NoError(t, err)
		require.NoError(t, m.look(t.Context(), pool, pid))
	}
	require.Equal(t, []store.Migration{
		{Doing: "blocks read for an index", Done: 3, Total: 5}, {Doing: "sorting for an index"},
		{Doing: "rows written to an index", Done: 7, Total: 9}, {},
	}, told)
}

// The files of the schema have the numbers 1, 2, 3 and so on: databases keep
// the number of the last one.
func TestFilesOfTheSchemaAreNumbered(t *testing.T) {
	all, err := migrations(defaultSchema)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for i, m := range all {
		require.True(t, strings.HasPrefix(m.name, fmt.Sprintf("%04d_", i+1)), m.name)
		require.Equal(t, i+1, m.version)
	}
}
