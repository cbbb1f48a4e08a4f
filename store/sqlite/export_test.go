package sqlite

import "context"

// Flush adds the counts of messages to the file at once.
func (s *Store) Flush(ctx context.Context) error { return s.flush(ctx) }
