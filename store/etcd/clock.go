package etcd

import (
	"context"
	"time"
)

// Now implements store.Clocked.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := s.begin(ctx, nil); err != nil {
		return time.Time{}, err
	}
	return s.o.Clock(), nil
}
