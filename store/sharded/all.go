package sharded

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fromline/fromline/store"
)

// The calls about all tenants ask all shards.

// Claim implements store.Outbox. It first asks each shard in turn for its share
// of the limit, so that no shard waits for another, and then for the rest. It
// passes over a shard that fails, unless all of them fail.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) (all []store.Claimed, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckLease(lease), err)); err != nil {
		return nil, err
	}
	n := len(s.shards)
	first := int(s.turn.Add(1) % uint64(n))
	var failed error
	failures := 0
	for round, share := range []int{max(1, limit/n), limit} {
		for i := range n {
			sh := s.shards[(first+i)%n]
			want := min(share, limit-len(all))
			if want <= 0 || round > 0 && failures == n {
				break
			}
			some, err := s.claim(ctx, sh, lease, want, except)
			all = append(all, some...)
			if err != nil {
				failures++
				failed = errors.Join(failed, err)
			}
		}
	}
	if len(all) == 0 && failures >= n {
		return nil, failed
	}
	return all, nil
}

// stray is a tenant that has deliveries in a shard which must not hand them
// over.
type stray struct {
	shard  *shard
	tenant string
}

// awayFrom returns the tenants whose strays Claim met in a shard within half of
// Options.Recheck.
func (s *Store) awayFrom(sh *shard) (tenants []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for of, met := range s.strays {
		switch {
		case s.o.Clock().Sub(met) >= s.o.Recheck/2:
			delete(s.strays, of)
		case of.shard == sh:
			tenants = append(tenants, of.tenant)
		}
	}
	return tenants
}

// claim leases deliveries of one shard. It keeps those of tenants that live
// there and are not about to leave. It drops the others: their leases run out.
func (s *Store) claim(ctx context.Context, sh *shard, lease time.Duration, limit int, except []string) (kept []store.Claimed, err error) {
	at, err := sh.get(ctx)
	if err != nil {
		return nil, err
	}
	claimed, err := at.Claim(ctx, lease, limit, append(s.awayFrom(sh), except...)...)
	for _, c := range claimed {
		h, unknown := s.home(ctx, c.Lease.Tenant)
		if unknown == nil && h.shard != sh && s.directory != nil { // it may have moved
			s.forgetHome(c.Lease.Tenant)
			h, unknown = s.home(ctx, c.Lease.Tenant)
		}
		switch {
		case unknown != nil:
		case h.shard == sh && h.leaving == "" && !h.closing:
			kept = append(kept, c)
		default:
			s.mu.Lock()
			s.strays[stray{sh, c.Lease.Tenant}] = s.o.Clock()
			s.mu.Unlock()
		}
	}
	return kept, sh.named(err)
}

// Purge implements store.Purger. It removes the oldest records of each shard.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	limit, err = store.PurgeSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return 0, err
	}
	var failed error
	for _, sh := range s.shards {
		if removed == limit {
			break
		}
		at, err := sh.get(ctx)
		if err == nil {
			var n int
			n, err = at.Purge(ctx, before, limit-removed)
			removed += n
			err = sh.named(err)
		}
		failed = errors.Join(failed, err)
	}
	return removed, failed
}

// Backlog implements store.Outbox. Deliveries of a tenant that is moved count
// where it lived until they are gone there.
func (s *Store) Backlog(ctx context.Context) (b store.Backlog, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return store.Backlog{}, err
	}
	for _, sh := range s.shards {
		at, err := sh.get(ctx)
		if err != nil {
			return b, err
		}
		one, err := at.Backlog(ctx)
		if err != nil {
			return b, sh.named(err)
		}
		b.Waiting += one.Waiting
		b.Parked += one.Parked
		if b.Oldest.IsZero() || !one.Oldest.IsZero() && one.Oldest.Before(b.Oldest) {
			b.Oldest = one.Oldest
		}
	}
	return b, nil
}

// Tenants implements store.ChatWalker.
func (s *Store) Tenants(ctx context.Context, after string, limit int) (names []string, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, err
	}
	for _, sh := range s.shards {
		at, err := sh.get(ctx)
		if err != nil {
			return nil, err
		}
		some, err := s.tenantsOf(ctx, sh, at, after, limit)
		if err != nil {
			return nil, err
		}
		names = append(names, some...)
	}
	slices.Sort(names)
	names = slices.Compact(names) // a tenant whose entry cannot be read may be in several shards
	return names[:min(limit, len(names))], nil
}

// tenantsOf returns the tenants that live in a shard.
func (s *Store) tenantsOf(ctx context.Context, sh *shard, at store.Store, after string, limit int) (names []string, err error) {
	for len(names) < limit {
		some, err := at.Tenants(ctx, after, limit)
		if err != nil {
			return nil, sh.named(err)
		}
		for _, name := range some {
			is, err := s.isHome(ctx, sh, name)
			if err != nil && !errors.Is(err, store.ErrUnreadable) { // an error about this tenant alone
				return nil, err
			}
			is = is || err != nil
			if is {
				names = append(names, name)
			}
		}
		if len(some) < limit {
			break
		}
		after = some[len(some)-1]
	}
	return names[:min(limit, len(names))], nil
}

// Unreadable implements store.Damaged. It returns the rows of all open shards.
func (s *Store) Unreadable() (rows []store.Unreadable, total int) {
	for _, sh := range s.shards {
		at, is := sh.opened().(store.Damaged)
		if !is {
			continue
		}
		some, n := at.Unreadable()
		rows, total = append(rows, some...), total+n
	}
	slices.SortStableFunc(rows, func(a, b store.Unreadable) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ID, b.ID))
	})
	return rows[:min(len(rows), store.MaxUnreadable)], total
}

// Now implements store.Clocked. It asks the shards in turn, open ones first,
// and returns the first answer.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return now, err
	}
	for _, sh := range s.shards {
		if at := sh.opened(); at != nil {
			if now, err = at.Now(ctx); err == nil {
				return now, nil
			}
		}
	}
	for _, sh := range s.shards {
		at, unopened := sh.get(ctx)
		if unopened == nil {
			now, unopened = at.Now(ctx)
		}
		if unopened == nil {
			return now, nil
		}
		err = errors.Join(err, sh.named(unopened))
	}
	return now, err
}
