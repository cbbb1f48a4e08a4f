package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/sqlite"
)

// The error about a path that cannot be a file shows the path, and nothing is
// created.
func TestPathsThatAreNoFile(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for path, says := range map[string]string{
		filepath.Join(folder, "none", "chats.db"):    "make it first",
		filepath.Join(file, "chats.db"):              "is a file, not a folder",
		folder:                                       "is a folder",
		"sqlite:chats.db":                            "without sqlite:",
		"file:chats.db":                              "without file:",
		filepath.Join(folder, "sqlite:", "chats.db"): "make it first",
	} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		require.ErrorContains(t, err, says)
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}
