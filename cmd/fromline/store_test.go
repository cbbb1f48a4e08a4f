package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestStoreIsNamed says that a -store that cannot be used is refused by every
// command (serve opens it as route does), that none of it is shown that may be a secret, and that what was meant
// is suggested where it can be told.
func TestStoreIsNamed(t *testing.T) {
	commands := map[string][]string{
		"route":  {"-fleet", fleetFile},
		"import": {},
		"doctor": {},
	}
	for name, c := range map[string]struct{ store, shows string }{
		"PostgreSQL by key and value":    {"host=db user=app password=hunter2", "postgres://"},
		"with a colon behind the secret": {"host=db password=hunter2 options=-c:x", "postgres://"},
		"with a colon before it":         {"options=-c:x password=hunter2", "postgres://"},
		"scheme in capitals":             {"Postgres://app:hunter2@db/x", "postgres://"},
		"a URL with a fault":             {"postgres://app:hunter2%zz@db/x", ""},
		"a URL with another":             {"postgres://app:hunter2@db:port/x", ""},
		"a URL cut short":                {"postgres:app:hunter2@db/x", "postgres://"},
		"a secret alone":                 {"hunter2", "sqlite:PATH"},
		"another database":               {"mysql://app:hunter2@db/x", `"mysql:"`},
		"a file":                         {"chats.db", "sqlite:chats.db"},
		"a file elsewhere":               {"../var/chats.sqlite3", "sqlite:../var/chats.sqlite3"},
		"memory without its colon":       {"memory", "memory:"},
		"sqlite without its colon":       {"sqlite", "sqlite:"},
		"postgres without its colon":     {"postgres", "postgres://"},
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

// TestStoreOpens says what a -store may be, and that the closer is the store's.
func TestStoreOpens(t *testing.T) {
	for _, name := range []string{"memory:", "sqlite:" + t.TempDir() + "/chats.db"} {
		chats, closer, err := openStore(t.Context(), name)
		assert.NoError(t, err)
		assert.Same(t, chats.(io.Closer), closer)
		assert.NoError(t, closer.Close())
	}
}
