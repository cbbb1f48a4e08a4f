//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/store"
)

// TestMigrationsTellHowFarTheyAre says that each migration is told by its
// number and name, with the rate and the time left of what the engine counts,
// and that the time left is said to be unknown where it is. The lines that
// docs/commands.md shows are among those that are told.
func TestMigrationsTellHowFarTheyAre(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &schemaProgress{doing: "opening the store", began: start}
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	assert.Equal(t, "opening the store, for 3s so far", p.text(at(3)))
	var told []string
	for _, step := range []struct {
		second int
		told   store.Migration
		after  int
		want   string
	}{
		{4, store.Migration{Last: 31, Doing: "waiting for a lock"}, 6, "schema: waiting for a lock, for 2s so far"},
		{10, store.Migration{Number: 15, Last: 31, Name: "line_facts"}, 22, "schema: migration 15 of 31 (line_facts), for 12s so far, time left unknown"},
		{23, store.Migration{Number: 15, Last: 31, Name: "line_facts", Doing: "waiting for a lock of another session"}, 24, "schema: migration 15 of 31 (line_facts), waiting for a lock of another session, for 14s so far, time left unknown"},
		{30, store.Migration{Number: 16, Last: 31, Name: "plans"}, 32, "schema: migration 16 of 31 (plans), for 2s so far, time left unknown"},
		{40, store.Migration{Number: 16, Last: 31, Name: "plans", Doing: "blocks read for an index", Done: 697, Total: 9000}, 42, "schema: migration 16 of 31 (plans), blocks read for an index: 697 of 9000, just begun"},
		{43, store.Migration{Number: 16, Last: 31, Name: "plans", Doing: "blocks read for an index", Done: 4312, Total: 9000}, 43, "schema: migration 16 of 31 (plans), blocks read for an index: 4312 of 9000, 1205/s, 4s left of that"},
		{60, store.Migration{Number: 16, Last: 31, Name: "plans", Doing: "rows written", Done: 0, Total: 10}, 60, "schema: migration 16 of 31 (plans), rows written: 0 of 10, just begun"},
		{70, store.Migration{Number: 16, Last: 31, Name: "plans", Doing: "rows written", Done: 10, Total: 10}, 70, "schema: migration 16 of 31 (plans), rows written: 10 of 10, 1/s, 0s left of that"},
		{80, store.Migration{Number: 16, Last: 31, Name: "plans", Doing: "rows written", Done: 2, Total: 4}, 80, "schema: migration 16 of 31 (plans), rows written: 2 of 4, just begun"},
		{90, store.Migration{Number: 16, Last: 31, Name: "plans"}, 95, "schema: migration 16 of 31 (plans), for 1m5s so far, time left unknown"},
		{100, store.Migration{Shard: "two", Number: 16, Last: 31, Name: "plans"}, 101, "schema of shard two: migration 16 of 31 (plans), for 1s so far, time left unknown"},
	} {
		p.note(step.told, at(step.second))
		assert.Equal(t, step.want, p.text(at(step.after)))
		told = append(told, step.want)
	}
	for line := range strings.Lines(blockOf(t, "commands.md", "schema: migration").text) {
		assert.Contains(t, told, strings.TrimSuffix(line, "\n"), "docs/commands.md")
	}
}

// TestAWaitingMigrationSaysSo says that every command that brings the schema up
// to date tells which migration runs, and that it waits for a lock.
func TestAWaitingMigrationSaysSo(t *testing.T) {
	fixture, err := os.ReadFile("../../store/postgres/testdata/version14.sql")
	require.NoError(t, err)
	fleet := write(t, "fleet.json", twoLines)
	dir := t.TempDir()
	for _, command := range []string{"migrate", "route", "import", "copy", "serve"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.Database(t)
			pgtest.Exec(t, dsn, string(fixture))
			_, err := pgtest.Connect(t, dsn).Exec(t.Context(), "BEGIN; LOCK TABLE fromline.line_state")
			require.NoError(t, err)
			args := map[string][]string{
				"serve":   {"-fleet", fleet, "-store", dsn, "-addr", "127.0.0.1:0", "-deliveries", os.DevNull}, // in its log
				"migrate": {"-store", dsn}, "route": {"-fleet", fleet, "-store", dsn}, "import": {"-store", dsn}, "copy": {"-from", "sqlite:" + filepath.Join(dir, "from.db"), "-to", dsn},
			}[command]
			if command == "copy" {
				require.Equal(t, exitOK, runWith("", "migrate", "-store", args[1]).status)
			}
			waitsAndSays(t, "schema: migration 15 of "+fmt.Sprint(lastMigration(t))+" (line_facts), waiting for a lock of another session", append([]string{command}, args...)...)
		})
	}
}

// lastMigration is the number of the last migration of PostgreSQL.
func lastMigration(t *testing.T) int {
	files, err := filepath.Glob("../../store/postgres/schema/*.sql")
	require.NoError(t, err)
	return len(files)
}

// TestMigrateShards says that migrate brings the schema of every shard up to
// date, also of those after one that fails.
func TestMigrateShards(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shards.json")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(
		`{"shards": {"one": "sqlite:%s/one.db", "two": "sqlite:%[1]s/gone/two.db", "three": "sqlite:%[1]s/three.db"}}`, dir)), 0o600))
	r := runWith("", "migrate", "-store", "sharded:"+file)
	assert.Equal(t, exitRefused, r.status)
	assert.Contains(t, r.stderr, "shard two: ")
	assert.NotContains(t, r.stdout, "up to date")
	for _, shard := range []string{"one", "three"} {
		assert.Equal(t, exitOK, runWith("", "lines", "-store", "sqlite:"+filepath.Join(dir, shard+".db")).status, shard)
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "gone"), 0o700))
	assert.Equal(t, exitOK, runWith("", "migrate", "-store", "sharded:"+file).status)
	assert.Equal(t, exitOK, runWith("", "lines", "-store", "sqlite:"+filepath.Join(dir, "gone", "two.db")).status)
}
