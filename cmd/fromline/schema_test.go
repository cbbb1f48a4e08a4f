//go:build unix

package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestSchemasOfOtherReleases says that every command which meets a schema of an
// earlier or a later release says what to do, and that none that only reads
// changes it.
func TestSchemasOfOtherReleases(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("fleet.json", []byte(twoLines), 0o600))
	require.NoError(t, os.WriteFile("empty.db", nil, 0o600))
	later, earlier, empty := pgtest.Database(t), pgtest.Database(t), pgtest.Database(t)
	for _, name := range []string{"sqlite:later.db", later, "sqlite:old.db", earlier} {
		require.Equal(t, exitOK, runWith("", "migrate", "-store", name).status)
	}
	for file, version := range map[string]string{"later.db": "9999", "old.db": "1"} {
		db, err := sql.Open("sqlite", file)
		require.NoError(t, err)
		_, err = db.Exec("PRAGMA user_version = " + version)
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
	pgtest.Exec(t, earlier, "DELETE FROM fromline.migration WHERE version > 1")
	pgtest.Exec(t, later, "UPDATE fromline.migration SET version = version + 1000")

	const id = "0198c0de-0000-7000-8000-000000000001"
	other := "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	reads := func(name string) [][]string {
		return [][]string{
			{"doctor", "-store", name}, {"lines", "-store", name}, {"explain", "-store", name, id}, {"parked", "list", "-store", name},
			{"parked", "drop", "-store", name, id}, {"copy", "-from", name, "-to", other}, {"route", "-dry-run", "-fleet", "fleet.json", "-store", name, os.DevNull},
			{"import", "-dry-run", "-store", name, os.DevNull},
		}
	}
	writes := func(name string) [][]string {
		return [][]string{
			{"migrate", "-store", name}, {"route", "-fleet", "fleet.json", "-store", name, os.DevNull}, {"import", "-store", name, os.DevNull},
			{"serve", "-fleet", "fleet.json", "-store", name, "-addr", "127.0.0.1:0", "-deliveries", os.DevNull},
		}
	}
	for _, name := range []string{"sqlite:later.db", later} {
		for _, args := range append(reads(name), writes(name)...) {
			r := runWith("", args...)
			assert.NotEqual(t, exitOK, r.status, args)
			assert.Contains(t, r.stdout+r.stderr, "use the later release", args)
		}
	}
	for range 2 { // the first round changed nothing
		for name, says := range map[string]string{
			"sqlite:old.db": "fromline migrate brings it up to date", earlier: "fromline migrate brings it up to date",
			"sqlite:empty.db": "no schema of fromline yet: fromline migrate creates it", empty: "no schema of fromline yet: fromline migrate creates it",
		} {
			for _, args := range reads(name) {
				r := runWith("", args...)
				assert.NotEqual(t, exitOK, r.status, args)
				assert.Contains(t, r.stdout+r.stderr, says, args)
				assert.Equal(t, strings.HasPrefix(says, "no schema"), !strings.Contains(r.stdout+r.stderr, "older schema"), args)
			}
		}
	}
}
