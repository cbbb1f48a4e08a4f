package sqlite

import (
	"context"

	"github.com/fromline/fromline/store/internal/tally"
)

// Flush writes the counts of messages that wait in this process to the file.
// The store does so once a second and in Close. Call it only if you counted
// many messages and ask another process right after. It is safe for concurrent
// use. The error is that of a write; the counts then wait for the next Flush.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.flush(ctx)
}

func (s *Store) flush(ctx context.Context) error {
	return s.traffic.Flush(func(counts []tally.Count) error {
		return s.write(ctx, func(t *tx) error { return t.count(counts) })
	})
}

// count adds counts of messages to the lines.
func (t *tx) count(counts []tally.Count) error {
	for len(counts) > 0 {
		first := counts[0]
		tenant, err := t.tenantID(first.Tenant)
		if err != nil {
			return err
		}
		use, err := t.use(tenant, first.Line)
		if err != nil {
			return err
		}
		for len(counts) > 0 && counts[0].Tenant == first.Tenant && counts[0].Line == first.Line {
			use.AddMessages(counts[0].Hour, counts[0].Messages)
			counts = counts[1:]
		}
		if err := t.setUse(tenant, use); err != nil {
			return err
		}
	}
	return nil
}
