package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/fromline/fromline/store"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// applicationID marks the files of fromline: the letters "frml". SQLite keeps
// it in the header of the file, and so the number of the last migration.
const applicationID = 0x66726d6c

// bringUpToDate creates the tables, or adds the migrations that the file lacks.
// Files of the directory schema that were released are never changed: a change
// is a further file.
func bringUpToDate(ctx context.Context, conn *sql.Conn, tell func(store.Migration), begin func() error) error {
	names, err := schemaNames()
	if err != nil {
		return err
	}
	// Before the first write: the file may belong to another program.
	if _, err := versionOf(ctx, conn, len(names)); err != nil {
		return err
	}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return explained(err)
	}
	if mode != "wal" {
		return fmt.Errorf("sqlite: the file system offers no shared memory, which WAL mode needs: the mode is %s", mode)
	}
	// One process migrates. The others wait for the lock and find the schema up
	// to date. Take the lock even then, to learn whether we may write.
	if err := begin(); err != nil {
		return explained(err)
	}
	if err := migrate(ctx, conn, names, tell); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return explained(err) // the connection is closed, and with it the transaction
	}
	return nil
}

// versionOf returns the number of the last migration of a file, 0 for an empty
// file, and an error for a file of another program or a later release.
func versionOf(ctx context.Context, conn *sql.Conn, known int) (version int, err error) {
	var application, tables int
	for pragma, value := range map[string]*int{
		"PRAGMA application_id": &application, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := conn.QueryRowContext(ctx, pragma).Scan(value); err != nil {
			return 0, explained(err)
		}
	}
	switch {
	case application != applicationID && (application != 0 || version != 0 || tables != 0):
		return 0, fmt.Errorf("sqlite: %w", ErrNotOurs)
	case version > known:
		return 0, fmt.Errorf("sqlite: %w: it has version %d, this release knows %d", ErrNewerSchema, version, known)
	}
	return version, nil
}

// migrate runs the missing migrations inside a transaction, and tells of each
// one before.
func migrate(ctx context.Context, conn *sql.Conn, names []string, tell func(store.Migration)) error {
	version, err := versionOf(ctx, conn, len(names))
	if err != nil || version == len(names) {
		return err
	}
	for i, name := range names[version:] {
		if tell != nil {
			_, about, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
			tell(store.Migration{Number: version + i + 1, Last: len(names), Name: about})
		}
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("%w (%s)", explained(err), name)
		}
	}
	for _, mark := range marks(len(names)) {
		if _, err := conn.ExecContext(ctx, mark); err != nil {
			return explained(err)
		}
	}
	return nil
}

// marks are the statements that write applicationID and the number of the last
// migration to the header of a file.
func marks(version int) []string {
	return []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", version),
	}
}

// schemaNames returns the names of the migrations, in order.
func schemaNames() ([]string, error) { return fs.Glob(schemaFiles, "schema/*.sql") }
