//go:build unix

package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/internal/proctest"
	"github.com/fromline/fromline/store/postgres"
)

// openVictim opens a store; the clock is the server's.
func openVictim(ctx context.Context, dsn string, _ time.Duration) (proctest.Store, error) {
	return postgres.Open(ctx, dsn, postgres.Options{})
}

// Processes or the server are killed. Everything acknowledged is in the
// database.
func TestKilledProcessesAndServer(t *testing.T) {
	server := pgtest.Start(t, pgtest.Options{Durable: true})
	db := database{server.Database(t)}
	require.NoError(t, db.open(t, postgres.Options{}).Close()) // create the tables
	proctest.Kill(t, proctest.Config{
		Open: openVictim, Source: db.dsn,
		KillServer: func() error {
			if err := server.Kill(); err != nil {
				return err
			}
			return server.Start()
		},
		Advance: func(ahead time.Duration) { db.setClock(t, ahead) },
	})
}

func TestCrowdOfProcesses(t *testing.T) {
	for name, limited := range map[string]bool{"one chat a set": false, "up to the limit": true} {
		t.Run(name, func(t *testing.T) {
			db := newDatabase(t)
			db.open(t, postgres.Options{})
			proctest.Crowd(t, openVictim, db.dsn, limited)
		})
	}
}

func TestNeighbours(t *testing.T) { proctest.Neighbours(t, openVictim, newDatabase(t).dsn) }
