package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Where a server waits for a standby, what is visible may not be durable: a commit
// whose wait was cancelled, by a caller that went away too, stays on the primary,
// and a process that looks it up would take it for made. So a decision that is found is
// told only after something later was written and waited for: the log is in order,
// so the decision is on the standby then. Only replays and doubts pay for that.

// hasStandby says whether the server waits for a standby before it acknowledges.
func hasStandby(ctx context.Context, pool *pgxpool.Pool) (has bool, err error) {
	err = pool.QueryRow(ctx, "SELECT current_setting('synchronous_standby_names', true) <> ''", pgx.QueryExecModeExec).Scan(&has)
	if err != nil {
		err = fmt.Errorf("postgres: %w", err)
	}
	return has, err
}

// confirmed writes a few bytes to the log of the server and waits until they are on
// the standby, with all that was written before.
func (s *Store) confirmed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, confirmWithin)
	defer cancel()
	_, err := s.pool.Exec(ctx, "SELECT pg_logical_emit_message(true, 'fromline', '')", pgx.QueryExecModeExec)
	if err != nil {
		return fmt.Errorf("postgres: a decision was found and may not be on the standby yet: %w", err)
	}
	return nil
}

// confirmWithin is how long a look-up waits for the standby.
const confirmWithin = 10 * time.Second
