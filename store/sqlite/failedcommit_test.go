package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite/vfs"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// If SQLite refuses a COMMIT, and the reason does not say that the file is
// unchanged, the outcome is unknown for every call of the group, never
// committed and never not written. The next transaction is a new one.
func TestFailedCommit(t *testing.T) {
	for _, callers := range []int{1, 8} {
		path := filepath.Join(t.TempDir(), "fromline.db")
		open(t, path, sqlite.Options{})
		// Only the COMMIT notices a row of "child" without a parent.
		beside(t, path, `CREATE TABLE parent (id INTEGER PRIMARY KEY);
			CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
			CREATE TRIGGER orphan AFTER INSERT ON record BEGIN INSERT INTO child VALUES (1); END`)
		s := open(t, path, sqlite.Options{})
		require.NoError(t, s.Enforce(t.Context()))

		plans := make([]*store.Plan, callers)
		answers := make([]error, callers)
		var all sync.WaitGroup
		for i := range callers {
			plans[i] = newPlan(i)
			all.Go(func() { answers[i] = s.Commit(context.Background(), plans[i]) })
		}
		all.Wait()
		for i, err := range answers {
			require.ErrorContains(t, err, "the outcome is unknown")
			require.NotErrorIs(t, err, store.ErrNotWritten)
			require.Zero(t, look(t, s, plans[i]))
		}

		beside(t, path, "DROP TRIGGER orphan")
		p := newPlan(100)
		require.NoError(t, s.Commit(t.Context(), p))
		require.NotNil(t, look(t, s, p).Record)
		require.Zero(t, look(t, s, plans[0]), "nothing of the failed transaction came along")
	}
}

// refusals returns errors of SQLite itself.
func refusals(t *testing.T) map[string]error {
	t.Helper()
	path := made(t, 1)
	one := func(query string, statements ...string) error {
		db, err := sql.Open("sqlite", "file:"+path+"?"+query)
		require.NoError(t, err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	}
	fill := `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO more SELECT zeroblob(4000) FROM n`
	errs := map[string]error{
		"full":     one("", "CREATE TABLE more (b BLOB)", "PRAGMA max_page_count = 1", fill),
		"readonly": one("mode=ro", "DELETE FROM chat"),
		"other":    one("", "DROP TABLE more", "CREATE TABLE u (n INTEGER UNIQUE)", "INSERT INTO u VALUES (1), (1)"),
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	require.NoError(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	errs["busy"] = one("", "DELETE FROM chat")
	require.NoError(t, tx.Rollback())
	require.NoError(t, db.Close())
	name, files, err := vfs.New(diskThatFails{})
	require.NoError(t, err)
	errs["disk"] = one("mode=ro&vfs="+name, "SELECT count(*) FROM chat")
	require.NoError(t, files.Close())
	for name, err := range errs {
		require.Error(t, err, name)
	}
	require.ErrorContains(t, errs["disk"], "disk I/O error")
	return errs
}

// diskThatFails opens files that SQLite cannot read.
type diskThatFails struct{}

func (diskThatFails) Open(name string) (fs.File, error) {
	f, err := os.Open(name)
	return struct{ fs.File }{f}, err
}

// The meaning of a failed COMMIT: a file that is busy, full or read-only is
// unchanged; after any other error the outcome is unknown. A transaction that
// was rolled back wrote nothing, for any reason.
func TestWhatFailuresMean(t *testing.T) {
	errs := refusals(t)
	errs["not SQLite's"] = errors.New("a cable")
	means := map[string]error{"full": sqlite.ErrDiskFull, "busy": sqlite.ErrBusy, "readonly": sqlite.ErrReadOnly}
	for name, err := range errs {
		committing, undone := sqlite.Uncommitted(err), sqlite.Undone(err)
		require.ErrorIs(t, undone, store.ErrNotWritten, name)
		require.ErrorIs(t, undone, err, name)
		require.ErrorIs(t, committing, err, name)
		if want := means[name]; want != nil {
			require.ErrorIs(t, committing, want, name)
			require.ErrorIs(t, committing, store.ErrNotWritten, name)
		} else {
			require.NotErrorIs(t, committing, store.ErrNotWritten, name)
		}
		require.Equal(t, name == "full", errors.Is(committing, store.ErrFull), name)
	}
}
