package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// A file that may not be written is refused by Open, not by the first commit.
func TestReadOnlyFile(t *testing.T) {
	path := made(t, 1)
	dir := filepath.Dir(path)
	for d := dir; d != filepath.Clean(os.TempDir()); d = filepath.Dir(d) {
		require.NoError(t, os.Chmod(d, 0o755))
	}
	require.NoError(t, os.Chmod(path, 0o444))
	require.NoError(t, os.Chmod(dir, 0o555))
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	var err error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		if os.Geteuid() == 0 {
			// Root may write everything: continue as nobody, in a thread that
			// ends with this goroutine.
			runtime.LockOSThread()
			if err = syscall.Setfsuid(65534); err != nil {
				return
			}
		}
		_, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	}()
	<-opened
	require.ErrorIs(t, err, sqlite.ErrReadOnly)
	require.ErrorIs(t, err, store.ErrNotWritten)
}
