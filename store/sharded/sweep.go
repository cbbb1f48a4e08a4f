package sharded

import (
	"context"
	"time"

	"github.com/google/uuid"

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
	all := 0
	chats, _, err := at.ChatsOfTenant(ctx, tenant, uuid.Nil, 1)
	if len(chats) > 0 { // else nothing takes long, and a count may read more than this tenant
		all, err = at.Count(ctx, tenant)
	}
	if err != nil {
		return sh.named(err)
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
				all = max(all, left)
				tell(move.Progress{Step: move.Removing, Done: all - left, Total: all})
			}
		}
	}
}
