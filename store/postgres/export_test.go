package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OpenTuned is Open with a pool that a test has changed.
func OpenTuned(ctx context.Context, dsn string, o Options, tune func(*pgxpool.Config)) (*Store, error) {
	return open(ctx, dsn, o, tune)
}

// OpenForgetful is Open with connections whose session forgets everything
// between two calls, as behind a pooler in transaction mode.
func OpenForgetful(ctx context.Context, dsn string, o Options) (*Store, error) {
	return open(ctx, dsn, o, func(c *pgxpool.Config) {
		c.AfterRelease = func(conn *pgx.Conn) bool {
			_, err := conn.Exec(context.Background(), "DISCARD ALL", pgx.QueryExecModeSimpleProtocol)
			return err == nil
		}
	})
}
