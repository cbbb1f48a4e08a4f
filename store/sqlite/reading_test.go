package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// A file that is opened for reading only answers look-ups as the one that writes
// does, and takes no commit.
func TestReadOnlyLooksUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	set, err := recipients.NewSet(recipients.MustParse("+12025550123"))
	require.NoError(t, err)
	at := time.Now()
	plan := &store.Plan{Tenant: "acme", Set: set, Record: store.Record{
		MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
		Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
	}}
	writer := open(t, path, sqlite.Options{})
	require.NoError(t, writer.Commit(t.Context(), plan))
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	q := store.Query{Tenant: "acme", Set: set.Key()}
	want, err := writer.Lookup(t.Context(), q)
	require.NoError(t, err)
	got, err := reader.Lookup(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.ErrorIs(t, reader.Commit(t.Context(), plan), sqlite.ErrReadOnly)
}

// The schema after the last migration is that there is nothing to do.
func TestSchemaToItsEnd(t *testing.T) {
	version := 0
	for ; ; version++ {
		if _, err := sqlite.Schema(version); err != nil {
			require.ErrorIs(t, err, sqlite.ErrNewerSchema)
			break
		}
	}
	made, err := filepath.Glob("schema/*.sql")
	require.NoError(t, err)
	require.Equal(t, len(made)+1, version)
	_, err = sqlite.Schema(-1)
	require.ErrorIs(t, err, sqlite.ErrNewerSchema)
}
