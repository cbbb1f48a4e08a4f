package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/fromline/fromline/store/internal/uptime"
)

// openReadOnly opens only the reading connections. They open the file for
// writing nevertheless: otherwise SQLite leaves the two files beside it behind.
func (s *Store) openReadOnly(ctx context.Context, path, dsn string, o Options, wall func() time.Time) (err error) {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	dsn += "&mode=rw&_query_only=true"
	if err := checkVersion(ctx, dsn); err != nil {
		return err
	}
	if s.reader, s.reads, err = newReader(ctx, dsn, o.Readers); err != nil || s.now != nil {
		return err
	}
	c, found, err := keptClock(ctx, s.reader)
	if err != nil {
		return errors.Join(err, s.reader.Close())
	}
	if !found {
		c = uptime.New(wall())
	}
	s.now = c.Now
	return nil
}

// checkVersion returns an error unless the file has the schema of this release.
func checkVersion(ctx context.Context, dsn string) (err error) {
	names, err := schemaNames()
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return explained(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return explained(err)
	}
	version, err := versionOf(ctx, conn, len(names))
	switch {
	case err == nil && version == 0:
		err = fmt.Errorf("sqlite: %w", ErrNoSchema)
	case err == nil && version < len(names):
		err = fmt.Errorf("sqlite: %w: it has version %d, this release needs %d", ErrOldSchema, version, len(names))
	}
	return errors.Join(err, conn.Close())
}

// Schema returns the schema as SQL for the program sqlite3: all of it for zero,
// or the migrations with a number above after, the version of your file. After
// the script Open has nothing to migrate. The error wraps ErrNewerSchema if
// after is no version that this release knows. Schema is safe for concurrent
// use.
func Schema(after int) (string, error) {
	names, err := schemaNames()
	if err != nil {
		return "", err
	}
	if after < 0 || after > len(names) {
		return "", fmt.Errorf("sqlite: %w: there is no version %d, this release knows %d", ErrNewerSchema, after, len(names))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- The tables of fromline in SQLite, from version %d to %d.\nPRAGMA journal_mode = WAL;\nBEGIN IMMEDIATE;\n", after, len(names))
	for _, name := range names[after:] {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n-- %s\n%s\n", strings.TrimPrefix(name, "schema/"), strings.TrimSpace(string(text)))
	}
	for _, mark := range marks(len(names)) {
		fmt.Fprintf(&b, "\n%s;", mark)
	}
	b.WriteString("\nCOMMIT;\n")
	return b.String(), nil
}
