package postgres

import (
	"context"

	"github.com/fromline/fromline/store/internal/tally"
)

// Flush writes the counts of messages that wait in this process to the
// database. The store does so once a second and in Close. Call it only if you
// counted many messages and ask another process right after. It is safe for
// concurrent use. The error is that of a write; the counts then wait for the
// next Flush.
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
		// Not acquire, which refuses calls after Close: Close itself flushes.
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
