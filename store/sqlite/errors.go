package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/fromline/fromline/store"
)

var (
	// ErrNewerSchema means that a later release of fromline changed the tables
	// of the file. This release must not touch it: upgrade the process.
	ErrNewerSchema = errors.New("the file has a newer schema than this release knows")

	// ErrOldSchema means that the file has an older schema than this release
	// needs, and that Options.ReadOnly forbids to change it. Open the file once
	// without ReadOnly, or run fromline migrate.
	ErrOldSchema = errors.New("the file has an older schema than this release needs")

	// ErrNoSchema means that the file has no schema of fromline yet. It wraps
	// ErrOldSchema, and is mended in the same way.
	ErrNoSchema error = noSchema("the file has no schema of fromline yet")

	// ErrNotOurs means that the file is a database of another program.
	ErrNotOurs = errors.New("the file is a database of another application")

	// ErrCorrupt means that the file is damaged, or is no database. Restore it
	// from a backup, or try the recovery that the sqlite3 program offers.
	ErrCorrupt = errors.New("the file is damaged or not a database")

	// ErrReadOnly means that the file or its directory cannot be written, or
	// that the store was opened with Options.ReadOnly.
	ErrReadOnly = fmt.Errorf("the file cannot be written: %w", store.ErrNotWritten)

	// ErrDiskFull means that the disk has no room for the write.
	ErrDiskFull = fmt.Errorf("the disk is full: %w", store.ErrFull)

	// ErrBusy means that other processes were writing for longer than
	// Options.BusyTimeout. Calling again is safe.
	ErrBusy = fmt.Errorf("the file is busy: %w", store.ErrNotWritten)
)

// noSchema is an error that wraps ErrOldSchema without saying that a schema is
// old.
type noSchema string

func (e noSchema) Error() string { return string(e) }
func (e noSchema) Unwrap() error { return ErrOldSchema }

// code returns the primary result code of an error of SQLite, and 0 for any
// other error.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// explained wraps an error of SQLite with the error of this package for its
// cause.
func explained(err error) error {
	meaning := map[int]error{
		lib.SQLITE_CORRUPT:  ErrCorrupt,
		lib.SQLITE_NOTADB:   ErrCorrupt,
		lib.SQLITE_READONLY: ErrReadOnly,
		lib.SQLITE_FULL:     ErrDiskFull,
		lib.SQLITE_BUSY:     ErrBusy,
	}[code(err)]
	if meaning != nil {
		return fmt.Errorf("sqlite: %w: %w", meaning, err)
	}
	return fmt.Errorf("sqlite: %w", err)
}

// undone wraps an error whose transaction was rolled back.
func undone(err error) error {
	err = explained(err)
	if errors.Is(err, store.ErrNotWritten) {
		return err
	}
	return fmt.Errorf("%w: %w", err, store.ErrNotWritten)
}

// uncommitted wraps the error of a COMMIT. If the file is busy or read-only, or
// the disk is full, nothing was written. After any other error, such as a
// failed sync, the outcome is unknown: a part that reached the disk may appear
// when the file is opened again.
func uncommitted(err error) error {
	switch code(err) {
	case lib.SQLITE_BUSY, lib.SQLITE_READONLY, lib.SQLITE_FULL:
		return undone(err)
	}
	return fmt.Errorf("sqlite: the outcome is unknown: %w", err)
}
