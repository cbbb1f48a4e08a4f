package open_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

const secret = "hunter2"

// TestNames: which names are refused, that the errors show no part that may be
// a secret, and that they suggest the intended name if they can.
func TestNames(t *testing.T) {
	for name, c := range map[string]struct{ store, shows string }{
		"nothing":                        {"", "memory:"},
		"keywords without their kind":    {"host=db user=app password=hunter2", "postgres:host="},
		"with a colon behind the secret": {"host=db password=hunter2 options=-c:x", "postgres:"},
		"with a colon before it":         {"options=-c:x password=hunter2", "postgres:"},
		"scheme in capitals":             {"Postgres://app:hunter2@db/x", "postgres://"},
		"an escape that is none":         {"postgres://app:hunter2%zz@db/x", "%25"},
		"a port that is none":            {"postgres://app:hunter2@db:port/x", "port"},
		"a slash in the password":        {"postgres://app:/hunter2@db/x", "%2F"},
		"a slash later in it":            {"postgres://app:hunter2/more@db/x", "%2F"},
		"a question mark in it":          {"postgres://app:1?hunter2@db/x", "%3F"},
		"a number sign in it":            {"postgres://app:hunter2#more@db/x", "%23"},
		"a space in it":                  {"postgres://app:hunter2 more@db/x", "escaped"},
		"a setting that is none":         {"postgres://app:hunter2@db/x?sslmode=perhaps", "sslmode"},
		"another":                        {"postgres://app:hunter2@db/x?pool_max_conns=many", "pool_max_conns"},
		"a keyword that is none":         {"postgres:host=db password=hunter2 sslmode=perhaps", "sslmode"},
		"keywords that end too early":    {"postgres:password='hunter2", "quotes"},
		"a URL cut short":                {"postgres:app:hunter2@db/x", "postgres:host="},
		"a secret alone":                 {"hunter2", "sqlite:PATH"},
		"another database":               {"mysql://app:hunter2@db/x", `"mysql:"`},
		"a file":                         {"chats.db", "sqlite:chats.db"},
		"a file elsewhere":               {"../var/chats.sqlite3", "sqlite:../var/chats.sqlite3"},
		"memory without its colon":       {"memory", "memory:"},
		"memory with more":               {"memory:hunter2", "memory:"},
		"sqlite without its colon":       {"sqlite", "sqlite:"},
		"sqlite without its file":        {"sqlite:", "sqlite:chats.db"},
		"sqlite in memory":               {"sqlite::memory:", "sqlite:chats.db"},
		"postgres without its colon":     {"postgres", "postgres://"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := open.Store(t.Context(), c.store, open.Options{})
			require.Error(t, err)
			assert.Nil(t, s)
			assert.ErrorIs(t, err, store.ErrInvalid)
			assert.NotContains(t, err.Error(), secret)
			assert.Contains(t, err.Error(), c.shows)
			_, err = open.Durable(c.store)
			assert.ErrorIs(t, err, store.ErrInvalid)
			_, err = open.Schema(c.store, 0)
			assert.ErrorIs(t, err, store.ErrInvalid)
		})
	}
}

// TestServerAway: the error about a server that does not answer shows no
// password, in any form of the name.
func TestServerAway(t *testing.T) {
	for _, name := range []string{
		"postgres://app:hunter2@127.0.0.1:1/x?connect_timeout=5", "postgres:host=127.0.0.1 port=1 user=app password=hunter2 dbname=x",
	} {
		_, err := open.Store(t.Context(), name, open.Options{})
		require.Error(t, err)
		assert.NotContains(t, err.Error(), secret)
		assert.Contains(t, err.Error(), "127.0.0.1")
	}
}

// TestPaths: the errors about files that cannot be opened.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("no database"), 0o600))
	locked := filepath.Join(dir, "locked")
	require.NoError(t, os.Mkdir(locked, 0o500))
	if os.Geteuid() == 0 {
		locked = "/proc/self" // elsewhere the superuser may write
	}
	for name, c := range map[string]struct{ path, says string }{
		"no folder":          {filepath.Join(dir, "nowhere", "chats.db"), "the folder " + filepath.Join(dir, "nowhere") + " is not there"},
		"a file as a folder": {filepath.Join(dir, "file", "chats.db"), ""},
		"a folder":           {dir, "is a folder"},
		"no database":        {filepath.Join(dir, "file"), "not a database"},
		"a folder to read":   {filepath.Join(locked, "chats.db"), "may not write"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open.Store(t.Context(), "sqlite:"+c.path, open.Options{})
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.says)
			assert.Contains(t, err.Error(), c.path)
		})
	}
}

// TestReadOnly: a store that is opened for reading stays as it is, in use or
// not, and a missing store is not created.
func TestReadOnly(t *testing.T) {
	for kind, name := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "chats.db"), "postgres": pgtest.Database(t),
	} {
		t.Run(kind, func(t *testing.T) {
			_, err := open.Store(t.Context(), name, open.Options{ReadOnly: true})
			require.Error(t, err)
			if kind == "sqlite" {
				assert.ErrorIs(t, err, fs.ErrNotExist)
			} else {
				assert.ErrorIs(t, err, postgres.ErrOldSchema)
				assert.True(t, open.NoSchema(err))
			}
			used, err := open.Store(t.Context(), name, open.Options{})
			require.NoError(t, err)
			for _, inUse := range []bool{true, false} {
				looked, err := open.Store(t.Context(), name, open.Options{ReadOnly: true})
				require.NoError(t, err)
				_, err = looked.Backlog(t.Context())
				assert.NoError(t, err)
				_, err = looked.Purge(t.Context(), anyTime, 0)
				assert.Error(t, err, "nothing may be written")
				assert.NoError(t, looked.Close())
				if inUse {
					require.NoError(t, used.Close())
				}
			}
			if path, is := pathOf(name); is {
				assert.NoFileExists(t, path+"-wal")
				assert.NoFileExists(t, path+"-shm")
			}
		})
	}
	_, err := open.Store(t.Context(), "memory:", open.Options{ReadOnly: true})
	assert.Error(t, err)
}

// TestReadOnlyEmptyFile: a file without a schema is an error, and stays as it
// is.
func TestReadOnlyEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := open.Store(t.Context(), "sqlite:"+path, open.Options{ReadOnly: true})
	require.ErrorIs(t, err, sqlite.ErrOldSchema)
	assert.True(t, open.NoSchema(err), "an empty file has none")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Empty(t, text)
}

// TestDurable: which stores outlive a process.
func TestDurable(t *testing.T) {
	for name, want := range map[string]bool{
		"memory:": false, "sqlite:chats.db": true, "postgres://db/x": true, "postgresql://db/x": true, "postgres:host=db": true,
	} {
		durable, err := open.Durable(name)
		assert.NoError(t, err)
		assert.Equal(t, want, durable, name)
	}
}
