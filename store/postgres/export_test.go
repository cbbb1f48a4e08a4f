package postgres

import "context"

// Flush adds the counts of messages to the database at once.
func (s *Store) Flush(ctx context.Context) error { return s.flush(ctx) }
