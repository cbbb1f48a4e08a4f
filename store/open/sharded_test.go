package open_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// A file without shards, or with shards that cannot be used, is refused before
// any shard is opened, and the error shows no password.
func TestShardedNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shards.json")
	for text, said := range map[string]string{
		`{"shards": {"one": "sqlite:one.db", "two": "postgres://u:secret@h/d"}}`:    "",
		`{"directory": "one", "recheck": "1s", "shards": {"one": "sqlite:one.db"}}`: "",
		`{}`:                               "no shards",
		`{"shards": {"one": "mysql:x"}}`:   "one",
		`{"shards": {"one": "memory:"}}`:   "memory",
		`{"shards": {"one": "sharded:x"}}`: "sharded store itself",
		`{"directory": "two", "shards": {"one": "sqlite:one.db"}}`: "two",
		`{"Shards": {}}`: "not the file",
		`{"recheck": "0s", "shards": {"one": "sqlite:one.db"}}`: "not the file",
		`{"shards": {"one": "postgres://u:secret%zz@h/d"}}`:     "%25",
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		s, err := open.Store(t.Context(), "sharded:"+path, open.Options{})
		if said == "" {
			require.NoError(t, err, text)
			require.NoError(t, s.Close())
			continue
		}
		require.ErrorIs(t, err, store.ErrInvalid, text)
		require.ErrorContains(t, err, said, text)
		require.NotContains(t, err.Error(), "secret", text)
	}
	_, err := open.Store(t.Context(), "sharded:"+path+".none", open.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = open.Store(t.Context(), "sharded:", open.Options{})
	require.ErrorIs(t, err, store.ErrInvalid)
	_, err = open.Store(t.Context(), "etcd://host/prefix", open.Options{})
	require.ErrorIs(t, err, store.ErrInvalid)
	require.ErrorContains(t, err, "store/etcd/build")
}
