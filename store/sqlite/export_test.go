package sqlite

import (
	"context"
	"fmt"
)

// Flush adds the counts of messages to the file at once.
func (s *Store) Flush(ctx context.Context) error { return s.flush(ctx) }

// LimitPages has SQLite refuse to let the file grow beyond so many pages, as a
// full disk would.
func (s *Store) LimitPages(ctx context.Context, n int) error {
	return s.write(ctx, func(t *tx) error { return t.command(fmt.Sprint("PRAGMA max_page_count = ", n)) })
}
