package postgres

import (
	"context"

	"github.com/fromline/fromline/store/internal/tally"
)

// Flush adds the counts of messages that wait in this process to the database, as
// happens once a second and in Close. Call it
// where you counted many messages and ask another process right after; no other
// program needs it.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.flush(ctx)
}

func (s *Store) flush(ctx context.Context) error {
	return s.traffic.Flush(func(counts []tally.Count) error {
		tenants := make([][]byte, len(counts))
		lines, hours, messages := make([]int64, len(counts)), make([]int64, len(counts)), make([]int64, len(counts))
		for i, c := range counts {
			tenants[i] = []byte(c.Tenant)
			lines[i], hours[i], messages[i] = int64(c.Line.Digits()), c.Hour, int64(c.Messages)
		}
		// Not acquire: Close flushes a store that is closed to all other calls.
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return noConnection(err)
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, s.sql.countMessages, tenants, lines, hours, messages); err != nil {
			return failed(err)
		}
		return nil
	})
}
