//go:build unix

package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// Processes that start together on an empty database create the schema once.
func TestSchemaIsMadeOnce(t *testing.T) {
	db := newDatabase(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := postgres.Open(context.Background(), db.dsn, postgres.Options{MaxConnections: 1})
			if assert.NoError(t, err) {
				assert.NoError(t, s.Close())
			}
		})
	}
	all.Wait()
	p := newPlan(1)
	require.NoError(t, db.open(t, postgres.Options{SchemaGiven: true}).Commit(t.Context(), p))
}

// A schema that the release does not know, or may not change, stays as it is.
func TestSchemaVersions(t *testing.T) {
	db := newDatabase(t)
	_, err := postgres.Open(t.Context(), db.dsn, postgres.Options{SchemaGiven: true})
	require.ErrorIs(t, err, postgres.ErrNoSchema)
	require.ErrorIs(t, err, postgres.ErrOldSchema)
	require.NotContains(t, err.Error(), postgres.ErrOldSchema.Error(), "it is missing, and not old")
	require.NoError(t, db.open(t, postgres.Options{}).Close())

	db.exec(t, `INSERT INTO fromline.migration (version) SELECT max(version) + 1 FROM fromline.migration`)
	_, err = postgres.Open(t.Context(), db.dsn, postgres.Options{})
	require.ErrorIs(t, err, postgres.ErrNewerSchema)
}

// The script of a version makes the schema that Open makes, only on a database
// of that version, and in the schema that is named. The script of a later
// version is the end of an earlier one's.
func TestSchemaAsAScript(t *testing.T) {
	files, err := filepath.Glob("schema/*.sql")
	require.NoError(t, err)
	last := len(files)
	for _, after := range []int{-1, last + 1} {
		_, err := postgres.Schema("", after)
		require.ErrorIs(t, err, postgres.ErrNewerSchema, "%d", after)
	}
	_, err = postgres.Schema("no schema", 0)
	require.ErrorIs(t, err, store.ErrInvalid)

	steps := make([]string, last+1) // what a script does after it looked at the version
	for after := range steps {
		script, err := postgres.Schema("", after)
		require.NoError(t, err)
		var found bool
		_, steps[after], found = strings.Cut(script, "END $check$;\n")
		require.True(t, found)
		if after > 0 {
			require.True(t, strings.HasSuffix(steps[after-1], steps[after]), "%d", after)
			head := "\n-- " + filepath.Base(files[after-1]) + "\n"
			require.True(t, strings.HasPrefix(steps[after-1], head), "%d", after)
			require.False(t, strings.Contains(steps[after], head), "%d", after)
		}
	}

	db := newDatabase(t)
	for schema, name := range map[string]string{"": "fromline", "another_one": "another_one"} {
		all, err := postgres.Schema(schema, 0)
		require.NoError(t, err)
		db.exec(t, all)
		s := db.open(t, postgres.Options{Schema: schema, SchemaGiven: true})
		require.NoError(t, s.Commit(t.Context(), newPlan(1)))
		none, err := postgres.Schema(schema, last)
		require.NoError(t, err)
		db.exec(t, none)
		early, err := postgres.Schema(schema, last-1)
		require.NoError(t, err)
		for _, script := range []string{all, early} {
			_, err = pgtest.Connect(t, db.dsn).Exec(t.Context(), script)
			require.ErrorContains(t, err, "schema "+name+" has version "+strconv.Itoa(last))
		}
	}
}

// Two schemas of one database do not see each other.
func TestSchemasAreApart(t *testing.T) {
	db := newDatabase(t)
	a, b := db.open(t, postgres.Options{}), db.open(t, postgres.Options{Schema: "another_one"})
	p := newPlan(1)
	require.NoError(t, a.Commit(t.Context(), p))
	snap, err := b.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
	require.NoError(t, err)
	require.Empty(t, snap.Chats)
	require.NoError(t, b.Commit(t.Context(), p))

	_, err = postgres.Open(t.Context(), db.dsn, postgres.Options{Schema: `x"; DROP`})
	require.ErrorIs(t, err, store.ErrInvalid)
}

// The error of a server without room for a record is that of the contract, and
// nothing was written.
func TestRefusedByTheServer(t *testing.T) {
	db := database{pgtest.Database(t)}
	s := db.open(t, postgres.Options{})
	for state, want := range map[string]error{"53100": store.ErrFull, "42501": store.ErrNotWritten} {
		db.exec(t, `
			CREATE OR REPLACE FUNCTION fromline.refuse() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '`+state+`'; END $$;
			CREATE OR REPLACE TRIGGER refuse AFTER INSERT ON fromline.record FOR EACH ROW EXECUTE FUNCTION fromline.refuse()`)
		p := newPlan(1)
		require.ErrorIs(t, s.Commit(t.Context(), p), want)
		snap, err := s.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key(), MessageID: p.MessageID})
		require.NoError(t, err)
		require.Zero(t, snap)
	}
}

var calledFunction = regexp.MustCompile(`(?m)^(?:FROM|SELECT) fromline\.(\w+)\(`)

// Every function that a statement of the store calls, and that reads a table,
// is set not to read whole tables, also if a later migration created it again.
// Otherwise a plan that a session made on empty tables would read them for a
// long time.
func TestFunctionsReadNoWholeTables(t *testing.T) {
	files, err := filepath.Glob("query/*.sql")
	require.NoError(t, err)
	called := make(map[string]bool)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, match := range calledFunction.FindAllStringSubmatch(string(text), -1) {
			called[match[1]] = true
		}
	}
	require.Greater(t, len(called), 10)
	db := newDatabase(t)
	db.open(t, postgres.Options{})
	conn := pgtest.Connect(t, db.dsn)
	rows, err := conn.Query(t.Context(), `SELECT p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
		WHERE n.nspname = 'fromline' AND ('enable_seqscan=off' = ANY (p.proconfig) OR p.prosrc !~ 'fromline[.]')`)
	require.NoError(t, err)
	set, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for name := range called {
		assert.Contains(t, set, name)
	}
}
