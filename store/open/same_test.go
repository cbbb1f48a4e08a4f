package open_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// Two names are of one store if and only if they lead to one file or one
// database, in any words.
func TestSame(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("a.db", nil, 0o600))
	require.NoError(t, os.WriteFile("b.db", nil, 0o600))
	require.NoError(t, os.Symlink("a.db", "link.db"))
	require.NoError(t, os.Link("a.db", "hard.db"))
	abs, err := filepath.Abs("a.db")
	require.NoError(t, err)
	none, err := filepath.Abs("none.db")
	require.NoError(t, err)
	one, other := pgtest.Database(t), pgtest.Database(t)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"sqlite:a.db", "sqlite:a.db", true},
		{"sqlite:a.db", "sqlite:./a.db", true},
		{"sqlite:a.db", "sqlite:" + abs, true},
		{"sqlite:link.db", "sqlite:a.db", true},
		{"sqlite:hard.db", "sqlite:a.db", true},
		{"sqlite:a.db", "sqlite:b.db", false},
		{"sqlite:a.db", "sqlite:none.db", false},
		{"sqlite:none.db", "sqlite:" + none, true},
		{"sqlite:none.db", "sqlite:other.db", false},
		{"memory:", "memory:", false},
		{"memory:", "sqlite:a.db", false},
		{"sqlite:a.db", one, false},
		{one, one, true},
		{one, other, false},
	} {
		for _, names := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			same, err := open.Same(t.Context(), names[0], names[1])
			require.NoError(t, err)
			require.Equal(t, c.same, same, names)
		}
	}
	_, err = open.Same(t.Context(), "sqlite:a.db", "nothing")
	require.ErrorIs(t, err, store.ErrInvalid)
	require.NoFileExists(t, "none.db")
}
