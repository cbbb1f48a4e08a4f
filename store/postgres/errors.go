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

	// ErrNoSchema means that the database has no schema of fromline yet. It
	// wraps ErrOldSchema, and is mended in the same way.
	ErrNoSchema error = noSchema("the database has no schema of fromline yet")
)

// noSchema is an error that wraps ErrOldSchema without saying that a schema is
// old.
type noSchema string

func (e noSchema) Error() string { return string(e) }
func (e noSchema) Unwrap() error { return ErrOldSchema }

// The SQLSTATEs that this package tells apart.
const (
	lostRace             = "FL001" // our own, see schema/0009_touch.sql
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	diskFull             = "53100"
	undefinedTable       = "42P01"
)

// failed wraps the error of a call. If the server refused the call, or never
// got it, nothing was written. After any other error the outcome of a call that
// writes is unknown.
func failed(err error) error {
	switch code, refused := refusal(err); {
	case code == diskFull:
		return fmt.Errorf("postgres: %w: %w", store.ErrFull, err)
	case refused || pgconn.SafeToRetry(err):
		return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, err)
	}
	return fmt.Errorf("postgres: %w", err)
}

// refusal reports whether the server refused a call and rolled it back, and
// with which SQLSTATE. An ERROR means that. FATAL and PANIC end the connection,
// and may come between the commit and its answer. So may class 08: a pooler
// uses it for a server that it lost.
func refusal(err error) (code string, refused bool) {
	var said pgconn.PgError
	if found, is := errors.AsType[*pgconn.PgError](err); is {
		said = *found
	}
	if said.SeverityUnlocalized != "ERROR" || strings.HasPrefix(said.Code, "08") {
		return "", false
	}
	return said.Code, true
}

// again reports whether a call lost a race and wrote nothing, so that a
// repeated call may win.
func again(err error) bool {
	switch code, _ := refusal(err); code {
	case lostRace, serializationFailure, deadlockDetected:
		return true
	}
	return false
}

// repeat calls do with a connection, and again as long as it loses races. Its
// errors are those of failed.
func (s *Store) repeat(ctx context.Context, do func(heldConn) error) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for {
		err := do(conn)
		if err == nil {
			return nil
		}
		if !again(err) || ctx.Err() != nil {
			return failed(err)
		}
	}
}

// call runs a statement and scans the first row of its result. Without a row
// its error wraps pgx.ErrNoRows.
func (s *Store) call(ctx context.Context, sql string, args []any, dest ...any) error {
	return s.repeat(ctx, func(conn heldConn) error { return conn.QueryRow(ctx, sql, args...).Scan(dest...) })
}

// rows runs a statement and calls scan for each row of its result.
func (s *Store) rows(ctx context.Context, sql string, args []any, scan func(pgx.Rows) error) error {
	return s.alone(ctx, statement{sql: sql, args: args, row: scan})
}
