package open_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// Migrate tells of all migrations of every shard, in order and up to the last,
// and of nothing where the schema is up to date. A store that is opened tells
// the same.
func TestEveryMigrationIsTold(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shards.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{"shards": {"two": "sqlite:%s/two.db", "one": %q}}`, dir, pgtest.Database(t)), 0o600))
	var told []store.Migration
	o := open.Options{Migrating: func(m store.Migration) {
		if m.Doing == "" && (len(told) == 0 || told[len(told)-1] != m) { // PostgreSQL may tell what it does meanwhile
			told = append(told, m)
		}
	}}
	whole := func(shards ...string) {
		for _, shard := range shards {
			require.NotEmpty(t, told, shard)
			last := told[0].Last
			require.GreaterOrEqual(t, len(told), last)
			for i, m := range told[:last] {
				require.NotEmpty(t, m.Name)
				require.Equal(t, store.Migration{Shard: shard, Number: i + 1, Last: last, Name: m.Name}, m)
			}
			told = told[last:]
		}
		require.Empty(t, told)
	}
	require.NoError(t, open.Migrate(t.Context(), "sharded:"+file, o))
	whole("one", "two")
	require.NoError(t, open.Migrate(t.Context(), "sharded:"+file, o))
	require.Empty(t, told, "they are up to date")

	for _, name := range []string{"sqlite:" + filepath.Join(dir, "three.db"), pgtest.Database(t)} {
		s, err := open.Store(t.Context(), name, o)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		whole("")
	}
	require.Error(t, open.Migrate(t.Context(), "memory:", o))
	require.ErrorIs(t, open.Migrate(t.Context(), "mysql:x", o), store.ErrInvalid)
	require.ErrorIs(t, open.Migrate(t.Context(), "sharded:"+file+".none", o), os.ErrNotExist)
}
