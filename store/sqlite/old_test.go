package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/internal/oldstore"
	"github.com/fromline/fromline/store/sqlite"
)

// The file of an older release is brought up to date, with all its data.
func TestFileOfAnOlderRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	fixture, err := os.ReadFile("testdata/version5.sql")
	require.NoError(t, err)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), string(fixture))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	for range 2 { // the second time the file is up to date
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	oldstore.Check(t, s)
	require.NoError(t, s.Close())
}
