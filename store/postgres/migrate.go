package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fromline/fromline/store"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// migration is one file of the directory schema. A released file never changes:
// a change of the schema is another file.
type migration struct {
	version int // the number that its name begins with: 1, 2, 3 and so on (TestFilesOfTheSchemaAreNumbered)
	name    string
	sql     string
}

// migrations returns all migrations, in order.
func migrations(schema string) ([]migration, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	all := make([]migration, 0, len(names))
	for i, name := range names {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{i + 1, strings.TrimPrefix(name, "schema/"), inSchema(string(text), schema)})
	}
	return all, nil
}

// bringUpToDate creates the schema, or runs the migrations that it lacks. If
// several processes start together, one of them does it and the others wait.
func bringUpToDate(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	all, err := migrations(o.Schema)
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, pool, o.Schema)
	if err != nil {
		return err
	}
	if version > len(all) {
		return fmt.Errorf("postgres: schema %s: %w: it has version %d, this release knows %d", o.Schema, ErrNewerSchema, version, len(all))
	}
	if version == len(all) {
		return nil
	}
	if o.SchemaGiven && version == 0 {
		return fmt.Errorf("postgres: schema %s: %w", o.Schema, ErrNoSchema)
	}
	if o.SchemaGiven {
		return fmt.Errorf("postgres: schema %s: %w: it has version %d, this release needs %d", o.Schema, ErrOldSchema, version, len(all))
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		told := &migrating{tell: o.Migrating, at: store.Migration{Last: len(all)}}
		defer told.watch(ctx, pool, tx)()
		return migrate(ctx, tx, o.Schema, all, told)
	})
	if err != nil {
		return fmt.Errorf("postgres: creating schema %s: %w", o.Schema, err)
	}
	return nil
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// schemaVersion returns the number of the last migration, and 0 if there is no
// schema.
func schemaVersion(ctx context.Context, db querier, schema string) (version int, err error) {
	text, err := queries.ReadFile("query/version.sql")
	if err != nil {
		return 0, err
	}
	// Not prepared: if it fails, its transaction cannot prepare it again.
	err = db.QueryRow(ctx, inSchema(string(text), schema), pgx.QueryExecModeExec).Scan(&version)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == undefinedTable {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("postgres: reading the version of schema %s: %w", schema, err)
	}
	return version, nil
}

// migrate runs the missing migrations in a transaction that holds an advisory
// lock on the schema's name, and tells of each one before.
func migrate(ctx context.Context, tx pgx.Tx, schema string, all []migration, told *migrating) error {
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
		told.begins(m)
		// Without arguments pgx uses the simple protocol, which takes a whole
		// file.
		if _, err := tx.Exec(ctx, m.sql); err != nil {
			return fmt.Errorf("migration %d: %w", m.version, err)
		}
		if _, err := tx.Exec(ctx, m.note(schema)); err != nil {
			return err
		}
	}
	return nil
}

// beginnings are the statements before the first migration.
func beginnings(schema string) []string {
	return []string{
		`CREATE SCHEMA IF NOT EXISTS ` + schema,
		`CREATE TABLE IF NOT EXISTS ` + schema + `.migration (
    version    int PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)`,
	}
}

// note returns the statement that records that a migration was run.
func (m migration) note(schema string) string {
	return fmt.Sprintf("INSERT INTO %s.migration (version) VALUES (%d)", schema, m.version)
}
