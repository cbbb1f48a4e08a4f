package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// migration is one file of the directory schema. Files that were released are
// never changed: a change is a further file.
type migration struct {
	version int // the number its name begins with: 1, 2, 3 and so on
	name    string
	sql     string
}

// migrations returns all of them, in order.
func migrations(schema string) ([]migration, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	all := make([]migration, 0, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "schema/"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("postgres: %s should have the number %d", name, i+1)
		}
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, strings.TrimPrefix(name, "schema/"), inSchema(string(text), schema)})
	}
	return all, nil
}

// bringUpToDate creates the schema, or adds the migrations that it lacks.
// Processes that start together wait for one of them to do it.
func bringUpToDate(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	all, err := migrations(o.Schema)
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, pool, o.Schema)
	if err != nil {
		return err
	}
	if version == len(all) {
		return nil
	}
	if version > len(all) {
		return fmt.Errorf("postgres: schema %s: %w: it has version %d, this release knows %d", o.Schema, ErrNewerSchema, version, len(all))
	}
	if o.SchemaGiven {
		return fmt.Errorf("postgres: schema %s: %w: it has version %d, this release needs %d", o.Schema, ErrOldSchema, version, len(all))
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return migrate(ctx, tx, o.Schema, all) })
	if err != nil {
		return fmt.Errorf("postgres: creating schema %s: %w", o.Schema, err)
	}
	return nil
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// schemaVersion returns the number of the last migration, 0 when there is no
// schema yet.
func schemaVersion(ctx context.Context, db querier, schema string) (version int, err error) {
	text, err := queries.ReadFile("query/version.sql")
	if err != nil {
		return 0, err
	}
	// Not prepared: a transaction in which it fails cannot prepare it again.
	err = db.QueryRow(ctx, inSchema(string(text), schema), pgx.QueryExecModeExec).Scan(&version)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == undefinedTable || refused.Code == invalidSchemaName) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("postgres: reading the version of schema %s: %w", schema, err)
	}
	return version, nil
}

// migrate runs in one transaction under a lock of the whole database that goes
// with the transaction.
func migrate(ctx context.Context, tx pgx.Tx, schema string, all []migration) error {
	hash := fnv.New64a()
	hash.Write([]byte("fromline schema " + schema))
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(hash.Sum64())); err != nil {
		return err
	}
	for _, sql := range beginnings(schema) {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	done, err := schemaVersion(ctx, tx, schema)
	if err != nil {
		return err
	}
	for _, m := range all[min(done, len(all)):] {
		// Without arguments the simple protocol is used, which takes a whole file.
		if _, err := tx.Exec(ctx, m.sql); err != nil {
			return fmt.Errorf("migration %d: %w", m.version, err)
		}
		if _, err := tx.Exec(ctx, m.note(schema)); err != nil {
			return err
		}
	}
	return nil
}

// beginnings are the statements that come before the first migration.
func beginnings(schema string) []string {
	return []string{
		`CREATE SCHEMA IF NOT EXISTS ` + schema,
		`CREATE TABLE IF NOT EXISTS ` + schema + `.migration (
    version    int PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)`,
	}
}

// note is the statement that notes that a migration was run.
func (m migration) note(schema string) string {
	return fmt.Sprintf("INSERT INTO %s.migration (version) VALUES (%d)", schema, m.version)
}
