package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStoreIsNamed says that every command refuses a -store that cannot be
// used, and shows none of what may be a secret (store/open has the table of
// names).
func TestStoreIsNamed(t *testing.T) {
	commands := map[string][]string{
		"route":  {"-fleet", fleetFile},
		"import": {},
		"doctor": {},
	}
	for name, c := range map[string]struct{ store, shows string }{
		"PostgreSQL by key and value": {"host=db user=app password=hunter2", "postgres://"},
		"a URL with a fault":          {"postgres://app:hunter2%zz@db/x", "%25"},
		"another database":            {"mysql://app:hunter2@db/x", `"mysql:"`},
		"a file":                      {"chats.db", "sqlite:chats.db"},
		"a folder that is not there":  {"sqlite:" + filepath.Join(t.TempDir(), "no", "chats.db"), "not there"},
	} {
		for command, args := range commands {
			t.Run(name+"/"+command, func(t *testing.T) {
				r := runWith("", append([]string{command, "-store", c.store}, args...)...)
				assert.NotEqual(t, exitOK, r.status)
				said := r.stdout + r.stderr
				assert.NotContains(t, said, "hunter2")
				assert.Contains(t, said, c.shows)
			})
		}
	}
}

// TestStoreOpens says what a -store may be.
func TestStoreOpens(t *testing.T) {
	for _, name := range []string{"memory:", "sqlite:" + t.TempDir() + "/chats.db"} {
		chats, err := openStore(t.Context(), name, nil)
		require.NoError(t, err)
		assert.NoError(t, chats.Close())
	}
}
