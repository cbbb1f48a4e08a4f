package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/sqlite"
)

// A store opens while another process writes all the time: it does not lose
// every race for the short moments in which the file is free.
func TestOpenBesideABusyWriter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chats.db")
	open := func() {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{BusyTimeout: 2 * time.Second})
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	open()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	writer, err := db.Conn(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for ctx.Err() == nil {
			_, err := writer.ExecContext(t.Context(), "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE")
			if err == nil {
				time.Sleep(30 * time.Millisecond)
				_, err = writer.ExecContext(t.Context(), "COMMIT")
			}
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	for range 10 {
		open()
	}
	stop()
	writing.Wait()
	require.NoError(t, writer.Close())
}
