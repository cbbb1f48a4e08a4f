package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/oldstore"
	"github.com/fromline/fromline/store/sqlite"
)

// The file of an older release is brought up to date, with all its data. Each
// migration that it lacks is told before it runs, in order, up to the last.
func TestFileOfAnOlderRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	fixture, err := os.ReadFile("testdata/version5.sql")
	require.NoError(t, err)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), string(fixture))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	files, err := filepath.Glob("schema/*.sql")
	require.NoError(t, err)
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	require.ErrorIs(t, err, sqlite.ErrOldSchema)
	require.NotErrorIs(t, err, sqlite.ErrNoSchema)
	var want, told []store.Migration
	for i, file := range files[5:] {
		want = append(want, store.Migration{Number: 6 + i, Last: len(files), Name: strings.TrimSuffix(filepath.Base(file)[len("0006_"):], ".sql")})
	}
	for range 2 { // the second time the file is up to date
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrating: func(m store.Migration) { told = append(told, m) }})
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	require.Equal(t, want, told)
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	oldstore.Check(t, s)
	require.NoError(t, s.Close())
}
