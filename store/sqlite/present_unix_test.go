//go:build unix

package sqlite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// TestFileThatIsGone: the store acknowledges and reads nothing if its file, or
// the log, was removed or replaced while it was open. It works again when they
// are back.
func TestFileThatIsGone(t *testing.T) {
	for name, part := range map[string]string{"the file": "", "its log": "-wal"} {
		t.Run(name, func(t *testing.T) {
			path := made(t, 1)
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			require.NoError(t, err)
			defer s.Close()
			require.NoError(t, s.Commit(t.Context(), newPlan(1)))
			away := path + ".away"
			gone := func(i int) {
				t.Helper()
				err := s.Commit(t.Context(), newPlan(i))
				require.ErrorIs(t, err, sqlite.ErrGone)
				require.ErrorIs(t, err, store.ErrNotWritten)
				p := newPlan(1)
				_, err = s.Lookup(t.Context(), store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
				require.ErrorIs(t, err, sqlite.ErrGone)
			}
			require.NoError(t, os.Rename(path+part, away+part))
			gone(2)
			if part == "" {
				require.NoError(t, os.WriteFile(path, nil, 0o600))
				gone(3)
			}
			require.NoError(t, os.Rename(away+part, path+part))
			require.NoError(t, s.Commit(t.Context(), newPlan(4)))
			require.NotEmpty(t, look(t, s, newPlan(4)).Chats)
			require.Empty(t, look(t, s, newPlan(2)).Chats)
		})
	}
}

// TestFileUnderAnotherName: a file that was opened through a link, or with a
// path relative to a directory that the process left, is the same file.
func TestFileUnderAnotherName(t *testing.T) {
	path := made(t, 1)
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(path, link))
	t.Chdir(filepath.Dir(path))
	for i, name := range []string{link, filepath.Base(path)} {
		s := open(t, name, sqlite.Options{})
		t.Chdir(t.TempDir())
		p := newPlan(10 + i)
		require.NoError(t, s.Commit(t.Context(), p), name)
		require.NotEmpty(t, look(t, s, p).Chats)
		require.NoError(t, os.Rename(path, path+".away"))
		require.ErrorIs(t, s.Commit(t.Context(), newPlan(20+i)), sqlite.ErrGone, name)
		require.NoError(t, os.Rename(path+".away", path))
		require.NoError(t, s.Commit(t.Context(), newPlan(30+i)), name)
		require.NoError(t, s.Close())
		t.Chdir(filepath.Dir(path))
	}
}

// TestLinkToNowhere: a link into a folder that is missing is no missing file.
func TestLinkToNowhere(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(filepath.Join(t.TempDir(), "missing", "chats.db"), link))
	_, err := sqlite.Open(t.Context(), link, sqlite.Options{})
	require.ErrorContains(t, err, "unable to open")
	require.NotErrorIs(t, err, fs.ErrNotExist)
}
