package main

import (
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// TestMigrate says that a store is brought up to date, again without harm, and
// that one made from the printed SQL is so already.
func TestMigrate(t *testing.T) {
	for _, dsn := range []string{"sqlite:" + filepath.Join(t.TempDir(), "chats.db"), pgtest.Database(t)} {
		assert.Equal(t, exitUsage, runWith("", "lines", "-store", dsn).status, "there is nothing yet")
		for range 2 {
			r := runWith("", "migrate", "-store", dsn)
			assert.Equal(t, exitOK, r.status, r.stderr)
			assert.NotContains(t, r.stdout+r.stderr, dsn, "a URL may hold a password")
		}
		assert.Equal(t, exitOK, runWith("", "lines", "-store", dsn).status)
	}
	byHand := pgtest.Database(t)
	printed := runWith("", "migrate", "-store", "postgres://hunter2:hunter2@nowhere.invalid/x", "-print")
	require.Equal(t, exitOK, printed.status, "it connects to nothing")
	assert.NotContains(t, printed.stdout, "hunter2")
	pgtest.Exec(t, byHand, printed.stdout)
	assert.Equal(t, exitOK, runWith("", "lines", "-store", byHand).status)
	assert.Contains(t, runWith("", "migrate", "-store", "sqlite:x.db", "-print").stdout, "CREATE TABLE chat ")
	assert.NotContains(t, runWith("", "migrate", "-store", "sqlite:x.db", "-print", "-after", "2").stdout, "CREATE TABLE chat ")
}

// TestMigrateStatus says which command lines cannot be used.
func TestMigrateStatus(t *testing.T) {
	for name, args := range map[string][]string{
		"no store":          {},
		"memory":            {"-store", "memory:"},
		"an argument":       {"-store", "sqlite:x.db", "more"},
		"after alone":       {"-store", "sqlite:x.db", "-after", "1"},
		"a later release":   {"-store", "sqlite:x.db", "-print", "-after", "999"},
		"a negative number": {"-store", "sqlite:x.db", "-print", "-after", "-1"},
	} {
		r := runWith("", append([]string{"migrate"}, args...)...)
		assert.Equal(t, exitUsage, r.status, name)
		assert.Empty(t, r.stdout, name)
	}
	missing := "sqlite:" + filepath.Join(t.TempDir(), "nowhere", "chats.db")
	assert.Equal(t, exitRefused, runWith("", "migrate", "-store", missing).status)
}

// TestVersion says what is told of a build, as much as is known.
func TestVersion(t *testing.T) {
	r := runWith("", "version")
	assert.Equal(t, exitOK, r.status)
	assert.Regexp(t, `^fromline .*go\d\S* \w+/\w+\n$`, r.stdout)
	assert.Equal(t, r, runWith("", "-version"))
	assert.Equal(t, exitUsage, runWith("", "version", "more").status)

	assert.Regexp(t, `^fromline \(devel\), go`, versionLine(nil))
	assert.Regexp(t, `^fromline v0\.1\.0, commit 0123456789ab of 2026-01-02T03:04:05Z, changed since, go`, versionLine(&debug.BuildInfo{
		Main: debug.Module{Version: "v0.1.0"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}))
}
