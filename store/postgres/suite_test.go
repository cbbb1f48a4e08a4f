//go:build unix

package postgres_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/internal/proctest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/storetest"
)

func TestMain(m *testing.M) {
	proctest.Child(openVictim)
	flag.Parse()
	if os.Getenv("FROMLINE_LONG") == "" {
		// Every step of a generated history is a round trip.
		if err := flag.Set("rapid.checks", "15"); err != nil {
			panic(err)
		}
	}
	pgtest.Main(m)
}

func TestStore(t *testing.T) {
	suite(t, func(tb testing.TB, db database) *postgres.Store { return db.open(tb, postgres.Options{}) })
}

// suite runs the suite of the contract. Clauses run concurrently: each has a
// database to itself.
func suite(t *testing.T, open func(testing.TB, database) *postgres.Store) {
	free := make(chan database, 3)
	for range cap(free) {
		free <- newDatabase(t)
	}
	storetest.Run(t, func(tb testing.TB) storetest.Harness {
		if t, ok := tb.(*testing.T); ok {
			t.Parallel()
		}
		db := <-free
		tb.Cleanup(func() { free <- db })
		return db.harness(tb, func(tb testing.TB) *postgres.Store { return open(tb, db) })
	})
}

// database is one database of the shared server.
type database struct{ dsn string }

func newDatabase(tb testing.TB) database { return database{pgtest.Database(tb)} }

// open opens a store that is closed when the test ends.
func (db database) open(tb testing.TB, o postgres.Options) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), db.dsn, o)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// exec runs statements on a connection of its own.
func (db database) exec(tb testing.TB, sql string) {
	tb.Helper()
	pgtest.Exec(tb, db.dsn, sql)
}

// setClock sets how far the clock of leases is ahead. The clock stands: a slow
// machine ends no lease.
func (db database) setClock(tb testing.TB, ahead time.Duration) {
	tb.Helper()
	db.exec(tb, clockAhead(ahead))
}

func clockAhead(ahead time.Duration) string {
	return fmt.Sprintf(`CREATE OR REPLACE FUNCTION fromline.clock() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT %d::bigint $$`,
		storetest.Start.Add(ahead).UnixMicro())
}

// empty empties the tables, which takes a tenth of the time to create them, and
// resets the clock.
func (db database) empty(tb testing.TB) {
	tb.Helper()
	db.exec(tb, clockAhead(0)+`;
		DELETE FROM fromline.tenant; DELETE FROM fromline.chat_set; DELETE FROM fromline.chat; DELETE FROM fromline.participant;
		DELETE FROM fromline.line; DELETE FROM fromline.traffic; DELETE FROM fromline.line_state;
		DELETE FROM fromline.record; DELETE FROM fromline.delivery; DELETE FROM fromline.queue; DELETE FROM fromline.consent;
		DELETE FROM fromline.note; DELETE FROM fromline.note_person`)
}

// harness returns a store that has the database to itself.
func (db database) harness(tb testing.TB, open func(testing.TB) *postgres.Store) storetest.Harness {
	s := open(tb)
	db.empty(tb)
	var ahead time.Duration
	return storetest.Harness{
		Store:  s,
		Reopen: func() store.ChatStore { s = open(tb); return s },
		Settle: func() { require.NoError(tb, s.Flush(context.Background())) },
		Advance: func(d time.Duration) {
			ahead += d
			db.setClock(tb, ahead)
		},
		Spoil: func(kind, tenant, id string, how storetest.Spoiled) {
			db.spoil(tb, kind, tenant, id, how)
		},
		Without: []storetest.Power{storetest.Bound},
	}
}
