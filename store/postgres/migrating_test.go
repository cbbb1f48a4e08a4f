//go:build unix

package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// While a migration builds an index, it is told how much of the table was read.
// A build that stands at the third of four rows, each in a block of its own,
// has read at least one block, and not all.
func TestAnIndexIsToldWhileItIsBuilt(t *testing.T) {
	db := newDatabase(t)
	db.exec(t, `
		CREATE TABLE slow (n int, pad text);
		ALTER TABLE slow ALTER COLUMN pad SET STORAGE PLAIN;
		INSERT INTO slow SELECT n, repeat('x', 7000) FROM generate_series(1, 4) AS n;
		CREATE FUNCTION passes(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
		BEGIN
			WHILE n = 3 AND NOT pg_try_advisory_xact_lock_shared(42) LOOP
				PERFORM pg_sleep(0.01);
			END LOOP;
			RETURN n;
		END $$;`)
	release := db.lock(t, `SELECT pg_advisory_xact_lock(42)`)
	counted, built := make(chan store.Migration, 1), make(chan error, 1)
	go func() {
		built <- postgres.Watch(t.Context(), db.dsn, `CREATE INDEX ON slow (passes(n))`, func(m store.Migration) {
			if m.Total > 0 {
				select {
				case counted <- m:
				default:
				}
			}
		})
	}()
	select {
	case m := <-counted:
		require.Equal(t, "blocks read for an index", m.Doing)
		require.Equal(t, 4, m.Total)
		require.GreaterOrEqual(t, m.Done, 1)
		require.Less(t, m.Done, m.Total)
	case err := <-built:
		t.Fatal("it told nothing of the index", err)
	}
	release()
	require.NoError(t, <-built)
}
