//go:build unix

package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/sqlite"
)

// Only its owner can use a file that the store creates. An existing file keeps
// its mode.
func TestFilesAreClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	s := open(t, path, sqlite.Options{})
	require.NoError(t, s.Commit(t.Context(), newPlan(1)))
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, name := range files {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	require.NoError(t, s.Close())
	require.NoError(t, os.Chmod(path, 0o640))
	open(t, path, sqlite.Options{})
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
}
