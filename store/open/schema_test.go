package open_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store/open"
)

var anyTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func pathOf(name string) (string, bool) { return strings.CutPrefix(name, "sqlite:") }

// TestSchemaSQLite: a file made from the schema as SQL is the same as one that
// a store makes.
func TestSchemaSQLite(t *testing.T) {
	shape := func(path string) (objects []string) {
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		defer db.Close()
		rows, err := db.Query("SELECT type || name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var object string
			require.NoError(t, rows.Scan(&object))
			objects = append(objects, object)
		}
		require.NoError(t, rows.Err())
		return objects
	}
	dir := t.TempDir()
	text, err := open.Schema("sqlite:chats.db", 0)
	require.NoError(t, err)
	byHand := filepath.Join(dir, "hand.db")
	db, err := sql.Open("sqlite", byHand)
	require.NoError(t, err)
	_, err = db.Exec(text)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	looked, err := open.Store(t.Context(), "sqlite:"+byHand, open.Options{ReadOnly: true})
	require.NoError(t, err, "the version is noted")
	require.NoError(t, looked.Close())

	made := filepath.Join(dir, "made.db")
	s, err := open.Store(t.Context(), "sqlite:"+made, open.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.Equal(t, shape(made), shape(byHand))

	_, err = open.Schema("sqlite:chats.db", 1000)
	assert.Error(t, err, "a version of a later release")
}

// TestSchemaPostgres: so is a database, made in one step or in two. A script
// for another version changes nothing.
func TestSchemaPostgres(t *testing.T) {
	shape := func(dsn string) (objects []string) {
		conn := pgtest.Connect(t, dsn)
		rows, err := conn.Query(t.Context(), `
			SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns WHERE table_schema = 'fromline'
			UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'fromline'
			UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'fromline'::regnamespace
			ORDER BY 1`)
		require.NoError(t, err)
		objects, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return objects
	}
	run := func(dsn, script string) error {
		_, err := pgtest.Connect(t, dsn).Exec(t.Context(), script)
		return err
	}
	made := pgtest.Database(t)
	s, err := open.Store(t.Context(), made, open.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	byHand := pgtest.Database(t)
	text, err := open.Schema(byHand, 0)
	require.NoError(t, err)
	require.NoError(t, run(byHand, text))
	assert.Equal(t, shape(made), shape(byHand))
	s, err = open.Store(t.Context(), byHand, open.Options{SchemaGiven: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	assert.Error(t, run(byHand, text), "it is there already")
	later, err := open.Schema(byHand, 1)
	require.NoError(t, err)
	assert.Error(t, run(byHand, later), "the script goes on from another version")
	assert.Equal(t, shape(made), shape(byHand))
	fresh := pgtest.Database(t)
	assert.Error(t, run(fresh, later))
	_, err = open.Store(t.Context(), fresh, open.Options{SchemaGiven: true})
	assert.Error(t, err)

	_, err = open.Schema("memory:", 0)
	assert.Error(t, err)
}
