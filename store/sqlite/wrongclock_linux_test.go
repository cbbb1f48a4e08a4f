package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/wrongclock"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

// TestAWrongClockHarmsOnlyItsProcess opens one file on a machine whose clock is
// set meanwhile.
func TestAWrongClockHarmsOnlyItsProcess(t *testing.T) {
	wrongclock.Run(t, func(tb testing.TB) wrongclock.Open {
		path := filepath.Join(tb.TempDir(), "fromline.db")
		return func(tb testing.TB, wall func() time.Time) store.Store { return openAt(tb, path, wall) }
	})
}

func openAt(tb testing.TB, path string, wall func() time.Time) *sqlite.Store {
	s, err := sqlite.OpenAt(tb.Context(), path, sqlite.Options{}, wall)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// The clock of a file begins again when no process has the file open: a clock
// that began wrong ends with the last of its processes.
func TestTheClockOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fromline.db")
	shows := func(s *sqlite.Store) time.Duration {
		now, err := s.Now(t.Context())
		require.NoError(t, err)
		return time.Until(now).Round(10 * time.Minute)
	}
	at := func(by time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(by) } }
	first := openAt(t, path, at(26*time.Hour))
	require.Equal(t, 26*time.Hour, shows(first))
	require.Equal(t, 26*time.Hour, shows(openAt(t, path, at(0))))
	reader, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	require.NoError(t, err)
	require.Equal(t, 26*time.Hour, shows(reader))
	require.NoError(t, reader.Close())
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(path, link))
	require.Equal(t, 26*time.Hour, shows(openAt(t, link, at(0))))
	own, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true, Clock: at(time.Hour)})
	require.NoError(t, err)
	require.Equal(t, time.Hour, shows(own))
	require.NoError(t, own.Close())
	other := filepath.Join(t.TempDir(), "fromline.db")
	for _, by := range []time.Duration{-time.Hour, 0, 8 * 24 * time.Hour} {
		s, err := sqlite.OpenAt(t.Context(), other, sqlite.Options{}, at(by))
		require.NoError(t, err)
		require.Equal(t, by, shows(s))
		require.NoError(t, s.Close())
	}
}
