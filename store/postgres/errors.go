package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fromline/fromline/store"
)

var (
	// ErrNewerSchema means that a later release of fromline changed the schema
	// of the database. This release must not touch it: upgrade the process.
	ErrNewerSchema = errors.New("the database has a newer schema than this release knows")

	// ErrOldSchema means that the schema is missing or older than this release
	// needs, and that Options.SchemaGiven or Options.ReadOnly forbids to change
	// it. Run fromline migrate, or the script that Schema returns.
	ErrOldSchema = errors.New("the database has an older schema than this release needs")
)

// The SQLSTATEs that this package tells apart.
const (
	lostRace             = "FL001" // our own, see schema/0009_touch.sql
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	diskFull             = "53100"
	undefinedTable       = "42P01"
	invalidSchemaName    = "3F000"
)

// failed wraps the error of a call. If the server refused the call, or never
// got it, nothing was written. After any other error the outcome of a call that
// writes is unknown.
func failed(err error) error {
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && rolledBack(refused):
		if refused.Code == diskFull {
			return fmt.Errorf("postgres: %w: %w", store.ErrFull, err)
		}
		return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, err)
	case pgconn.SafeToRetry(err):
		return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, err)
	}
	return fmt.Errorf("postgres: %w", err)
}

// rolledBack reports whether an error of the server means that the transaction
// was rolled back. An ERROR means that. FATAL and PANIC end the connection, and
// may come between the commit and its answer. So may class 08: a pooler uses it
// for a server that it lost.
func rolledBack(err *pgconn.PgError) bool {
	return err.SeverityUnlocalized == "ERROR" && !strings.HasPrefix(err.Code, "08")
}

// refused reports whether the server refused a call and rolled it back.
func refused(err error) bool {
	said, is := errors.AsType[*pgconn.PgError](err)
	return is && rolledBack(said)
}

// again reports whether a call lost a race and wrote nothing, so that a
// repeated call may win.
func again(err error) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || !rolledBack(refused) {
		return false
	}
	switch refused.Code {
	case lostRace, serializationFailure, deadlockDetected:
		return true
	}
	return false
}

// call runs a statement and scans the first row of its result. It repeats a
// statement that lost a race. Its errors are those of failed, or pgx.ErrNoRows.
func (s *Store) call(ctx context.Context, sql string, args []any, dest ...any) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for {
		err := conn.QueryRow(ctx, sql, args...).Scan(dest...)
		switch {
		case err == nil:
			return nil
		case again(err) && ctx.Err() == nil:
			continue
		case errors.Is(err, pgx.ErrNoRows):
			return err
		}
		return failed(err)
	}
}

// rows runs a statement and calls scan for each row of its result. It repeats a
// statement that lost a race.
func (s *Store) rows(ctx context.Context, sql string, args []any, scan func(pgx.Rows) error) error {
	return s.alone(ctx, statement{sql: sql, args: args, row: scan})
}
