package open

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// Same reports whether two names are of the same store, even if the names
// differ: two paths to one file, or two addresses of one database. Two stores
// in memory are never the same. Same connects to PostgreSQL and etcd, and
// creates nothing. No error holds a password; the error for a name that cannot
// be used wraps [store.ErrInvalid]. Same is safe for concurrent use.
func Same(ctx context.Context, a, b string) (bool, error) {
	one, err := parse(a)
	if err != nil {
		return false, err
	}
	other, err := parse(b)
	if err != nil || one.kind != other.kind || one.kind == kindMemory {
		return false, err
	}
	switch one.kind {
	case kindSQLite, kindSharded:
		return sameFile(one.rest, other.rest)
	case kindBeside:
		return one.beside.same(ctx, one.rest, other.rest)
	}
	first, err := database(ctx, one.rest)
	if err != nil {
		return false, err
	}
	second, err := database(ctx, other.rest)
	return first == second, err
}

// sameFile reports whether two paths are of one file. It compares the paths if
// one of the files does not exist yet.
func sameFile(a, b string) (bool, error) {
	one, err := os.Stat(a)
	if err == nil {
		var other fs.FileInfo
		if other, err = os.Stat(b); err == nil {
			return os.SameFile(one, other), nil
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("sqlite:%w", err)
	}
	absA, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	absB, err := filepath.Abs(b)
	return absA == absB, err
}

// database identifies a database among all others: by its number, and by the
// time at which its server was started.
func database(ctx context.Context, dsn string) (identity string, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", fmt.Errorf("postgres: %w", err)
	}
	err = conn.QueryRow(ctx, "SELECT d.oid || ' ' || pg_postmaster_start_time() FROM pg_database AS d WHERE d.datname = current_database()",
		pgx.QueryExecModeExec).Scan(&identity)
	if err := errors.Join(err, conn.Close(context.WithoutCancel(ctx))); err != nil {
		return "", fmt.Errorf("postgres: %w", err)
	}
	return identity, nil
}
