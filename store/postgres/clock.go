package postgres

import (
	"context"
	"time"
)

// Now implements store.Clocked: the time of the server.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var at int64
	if err := s.call(ctx, s.sql.clock, nil, &at); err != nil {
		return time.Time{}, err
	}
	return fromMicros(at), nil
}
