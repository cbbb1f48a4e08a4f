package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/fromline/fromline/store/internal/uptime"
)

// Now implements store.Clocked.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := s.usable(ctx); err != nil {
		return time.Time{}, err
	}
	return s.now(), nil
}

// openElsewhere reports whether a process has the file open, or ended without
// closing it: then its log exists, beside the file itself and not beside a link
// to it.
func openElsewhere(path string) bool {
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	_, err = os.Lstat(file + "-wal")
	return err == nil
}

// queryer is a connection, or all connections of a DB.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// keptClock returns the clock that the processes of this machine share while
// they have the file open. It returns false if the file has none.
func keptClock(ctx context.Context, db queryer) (c uptime.Clock, found bool, err error) {
	var a uptime.Anchor
	var began int64
	switch err := db.QueryRowContext(ctx, "SELECT boot, began FROM clock").Scan(&a.Boot, &began); {
	case errors.Is(err, sql.ErrNoRows):
		return c, false, nil
	case err != nil:
		return c, false, explained(err)
	}
	a.Began = time.Duration(began) * time.Microsecond
	c, found = uptime.Of(a)
	return c, found, nil
}

// shareClock returns the clock of the file. The first process that opens the
// file begins it with the time of the machine, unless the kept clock shows the
// same time to a second. Other processes use that clock until all have closed
// the file, even if the clock of the machine is set meanwhile.
func (w *writer) shareClock(ctx context.Context, elsewhere bool, wall time.Time) (uptime.Clock, error) {
	kept, found, err := keptClock(ctx, w.conn)
	if err != nil || found && (elsewhere || kept.Now().Sub(wall).Abs() < time.Second) {
		return kept, err
	}
	c := uptime.New(wall)
	if c.Boot == "" {
		return c, nil
	}
	c.Began = c.Began.Truncate(time.Microsecond)
	if err := w.begin(); err != nil {
		return c, err
	}
	const keep = "INSERT OR REPLACE INTO clock (one, boot, began) VALUES (1, ?1, ?2)"
	if _, err := w.conn.ExecContext(ctx, keep, c.Boot, c.Began.Microseconds()); err != nil {
		w.rollback()
		return c, explained(err)
	}
	if err := w.statements.control("commit"); err != nil {
		w.rollback()
		return c, explained(err)
	}
	return c, nil
}
