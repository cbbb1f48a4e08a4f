package sharded

import (
	"context"
	"time"

	"github.com/fromline/fromline/store/move"
)

// sweepAll removes the tenant from every other shard, so that it can move back.
func (s *Store) sweepAll(ctx context.Context, tenant string, h home, held *lock, tell func(move.Progress)) error {
	for _, sh := range s.shards {
		if sh == h.shard {
			continue
		}
		if err := held.hold(ctx); err != nil {
			return err
		}
		if err := sh.sweep(ctx, tenant, tell); err != nil {
			return err
		}
	}
	return nil
}

// countEvery is the time between two counts of the items that are still to be
// removed.
const countEvery = 2 * time.Second

// sweep removes the tenant from a shard, and reports progress meanwhile.
func (sh *shard) sweep(ctx context.Context, tenant string, tell func(move.Progress)) error {
	at, err := sh.get(ctx)
	if err != nil {
		return err
	}
	all, err := sh.count(ctx, tenant)
	if err != nil {
		return err
	}
	removed := make(chan error, 1)
	go func() { removed <- sh.named(at.RemoveTenant(ctx, tenant)) }()
	for {
		select {
		case err := <-removed:
			return err
		case <-time.After(countEvery):
			// Without items the shard still removes what only it knows of.
			if left, err := sh.count(ctx, tenant); err == nil && left > 0 {
				tell(move.Progress{Step: move.Removing, Done: max(0, all-left), Total: all})
			}
		}
	}
}
