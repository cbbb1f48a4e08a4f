package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/fromline/fromline/store/internal/carry"
)

//go:embed query/*.sql
var queryFiles embed.FS

// statements are prepared statements, by their names in the files of the
// directory query.
type statements map[string]*sql.Stmt

// queries returns the text of all statements. In the files each begins with a
// line "-- name: " and its name.
//
// A bound limit is written LIMIT CAST(?1 AS INTEGER). SQLite looks at the value
// of a bare one and plans the statement again each time it is bound, which
// takes ten times as long as running it.
func queries() (map[string]string, error) {
	names, err := fs.Glob(queryFiles, "query/*.sql")
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string)
	for _, file := range names {
		content, err := queryFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for part := range strings.SplitSeq(string(content), "-- name: ") {
			name, text, _ := strings.Cut(part, "\n")
			if strings.TrimSpace(text) == "" {
				continue // before the first name
			}
			if texts[name] != "" {
				return nil, fmt.Errorf("sqlite: two statements are named %q", name)
			}
			texts[name] = strings.TrimSpace(text)
		}
	}
	texts["count"+ofTenant] = strings.ReplaceAll(texts["count"], "TRUE", "tenant_id = (SELECT id FROM tenant WHERE name = ?1)")
	for i, name := range copied {
		texts[name+ofTenant] = carry.OfTenant(texts[name], "t.name = ?1")
		texts[name+ofThing] = carry.OfTenant(texts[name], "t.name = ?1 AND "+thingKinds[i].column+" = ?2")
	}
	return texts, nil
}

// preparer is a connection, or a DB.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepare prepares the named statements, or all of them if there are no names.
func prepare(ctx context.Context, db preparer, names ...string) (statements, error) {
	texts, err := queries()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		for name := range texts {
			names = append(names, name)
		}
	}
	prepared := make(statements, len(names))
	for _, name := range names {
		stmt, err := db.PrepareContext(ctx, texts[name])
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sqlite: preparing %q: %w", name, explained(err)), prepared.close())
		}
		prepared[name] = stmt
	}
	return prepared, nil
}

func (s statements) close() error {
	var errs []error
	for _, stmt := range s {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// named returns a statement. An unknown name is a bug of this package.
func (s statements) named(name string) *sql.Stmt {
	stmt := s[name]
	if stmt == nil {
		panic("sqlite: no statement is named " + name)
	}
	return stmt
}

// control runs a statement that begins or ends a transaction or a savepoint.
func (s statements) control(name string) error {
	_, err := s.named(name).ExecContext(context.Background())
	return err
}

// row runs a statement and scans the first row of its result. It reports
// whether there was one.
func (s statements) row(ctx context.Context, name string, args []any, dest ...any) (found bool, err error) {
	rows, err := s.named(name).QueryContext(ctx, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	return true, rows.Close()
}

// rows runs a statement and calls scan for each row of its result.
func (s statements) rows(ctx context.Context, name string, args []any, scan func(*sql.Rows) error) error {
	rows, err := s.named(name).QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
