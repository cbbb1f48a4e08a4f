package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// On a server that waits for a standby, visible data may not be durable. If the
// wait of a commit is cancelled, the commit stays on the primary only, and
// another process would take it for made. So before Lookup returns a record, it
// writes something later and waits for that: the log is in order, so the record
// is on the standby then. Only replays and doubts take this extra time.

// hasStandby reports whether the server waits for a standby before it
// acknowledges.
func hasStandby(ctx context.Context, pool *pgxpool.Pool) (has bool, err error) {
	err = pool.QueryRow(ctx, "SELECT current_setting('synchronous_standby_names', true) <> ''", pgx.QueryExecModeExec).Scan(&has)
	if err != nil {
		err = fmt.Errorf("postgres: %w", err)
	}
	return has, err
}

// confirmed writes a few bytes to the log of the server, and waits until they
// and everything before them are on the standby.
func (s *Store) confirmed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, confirmWithin)
	defer cancel()
	_, err := s.pool.Exec(ctx, "SELECT pg_logical_emit_message(true, 'fromline', '')", pgx.QueryExecModeExec)
	if err != nil {
		return fmt.Errorf("postgres: a decision was found and may not be on the standby yet: %w", err)
	}
	return nil
}

// confirmWithin is how long a look-up waits for the standby at most.
const confirmWithin = 10 * time.Second
