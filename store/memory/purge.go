package memory

import (
	"context"
	"slices"
	"time"

	"github.com/fromline/fromline/store"
)

// Purge implements store.Purger. It locks what one record needs at a time.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	limit, err = store.PurgeSize(limit)
	if err != nil {
		return 0, err
	}
	for removed < limit {
		if err := s.begin(ctx); err != nil {
			return removed, err
		}
		expired := s.expired(before, limit-removed)
		if len(expired) == 0 {
			break
		}
		for _, e := range expired {
			if s.drop(e.record) { // else another call was faster
				removed++
			}
		}
	}
	return removed, nil
}

// expired returns the records that expired first, up to a limit.
func (s *Store) expired(before time.Time, limit int) []expiry {
	var all []expiry
	for i := range s.shards {
		at := &s.shards[i]
		at.mu.Lock()
		n := 0
		at.expiry.Scan(func(e expiry) bool {
			if n == limit || !fromMicros(e.at).Before(before) {
				return false
			}
			all = append(all, e)
			n++
			return true
		})
		at.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b expiry) int {
		if expiresBefore(a, b) {
			return -1
		}
		return 1
	})
	return all[:min(limit, len(all))]
}
