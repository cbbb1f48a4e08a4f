//go:build unix

package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/oldstore"
	"github.com/fromline/fromline/store/postgres"
)

// The schema of an older release is brought up to date, with all its data. Each
// migration that it lacks is told before it runs, in order, up to the last, and
// also that one waits for a lock.
func TestSchemaOfAnOlderRelease(t *testing.T) {
	db := newDatabase(t)
	fixture, err := os.ReadFile("testdata/version14.sql")
	require.NoError(t, err)
	db.exec(t, string(fixture))
	_, err = postgres.Open(t.Context(), db.dsn, postgres.Options{SchemaGiven: true})
	require.ErrorIs(t, err, postgres.ErrOldSchema)
	require.NotErrorIs(t, err, postgres.ErrNoSchema)

	release := db.lock(t, `SELECT FROM fromline.line_state`) // which the first migration changes
	var want, told []store.Migration
	files, err := filepath.Glob("schema/*.sql")
	require.NoError(t, err)
	for i, file := range files[14:] {
		want = append(want, store.Migration{Number: 15 + i, Last: len(files), Name: strings.TrimSuffix(filepath.Base(file)[len("0015_"):], ".sql")})
	}
	waits, opened := make(chan struct{}), make(chan error, 1)
	wait := sync.OnceFunc(func() { close(waits) })
	go func() {
		s, err := postgres.Open(t.Context(), db.dsn, postgres.Options{Migrating: func(m store.Migration) {
			switch {
			case strings.HasPrefix(m.Doing, "waiting for a lock"):
				wait()
			case m.Doing == "" && (len(told) == 0 || told[len(told)-1] != m): // it may be asked between two statements
				told = append(told, m)
			}
		}})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	select {
	case <-waits:
	case err := <-opened:
		t.Fatal("it did not wait", err)
	}
	release()
	require.NoError(t, <-opened)
	require.Equal(t, want, told)
	told = nil
	require.NoError(t, db.open(t, postgres.Options{Migrating: func(m store.Migration) { told = append(told, m) }}).Close())
	require.Empty(t, told, "it is up to date")
	oldstore.Check(t, db.open(t, postgres.Options{}))
}
