package sharded

import (
	"context"
	"errors"
	"iter"

	"github.com/fromline/fromline/store"
)

// Count implements store.Copier. It does not count the items of the directory.
func (s *Store) Count(ctx context.Context, tenant string) (items int, err error) {
	if tenant != "" {
		sh, err := s.at(ctx, tenant)
		if err != nil {
			return 0, err
		}
		return sh.count(ctx, tenant)
	}
	if err := s.begin(ctx, nil); err != nil {
		return 0, err
	}
	for _, sh := range s.shards {
		all, err := sh.count(ctx, "")
		if err != nil {
			return 0, err
		}
		entries, err := sh.count(ctx, Tenant)
		if err != nil {
			return 0, err
		}
		items += all - entries
	}
	return items, nil
}

// count returns how many items a shard holds of a tenant, or of all tenants if
// tenant is empty.
func (sh *shard) count(ctx context.Context, tenant string) (items int, err error) {
	at, err := sh.get(ctx)
	if err == nil {
		items, err = at.Count(ctx, tenant)
		err = sh.named(err)
	}
	return items, err
}

// Export implements store.Copier. It does not yield the items that a tenant
// left behind in a shard. If the entry of a tenant cannot be read, it yields
// one error about the entry, and no more of that tenant.
func (s *Store) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		if err := s.begin(ctx, nil); err != nil {
			yield(store.Item{}, err)
			return
		}
		lost := make(map[string]bool) // tenants whose entry cannot be read
		for _, sh := range s.shards {
			at, err := sh.get(ctx)
			if err != nil {
				yield(store.Item{}, err)
				return
			}
			for item, bad := range at.Export(ctx) {
				if bad != nil && !errors.Is(bad, store.ErrUnreadable) {
					yield(store.Item{}, sh.named(bad))
					return
				}
				if lost[item.Tenant] {
					continue
				}
				is, err := s.isHome(ctx, sh, item.Tenant)
				if errors.Is(err, store.ErrUnreadable) {
					lost[item.Tenant], is, bad = true, true, err
					item = store.Item{Tenant: item.Tenant}
				} else if err != nil {
					yield(store.Item{}, sh.named(err))
					return
				}
				if is && !yield(item, sh.named(bad)) {
					return
				}
			}
		}
	}
}

// ExportTenant implements store.Copier.
func (s *Store) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		sh, err := s.at(ctx, tenant)
		if err != nil {
			yield(store.Item{}, err)
			return
		}
		at, err := sh.get(ctx)
		if err != nil {
			yield(store.Item{}, err)
			return
		}
		for item, err := range at.ExportTenant(ctx, tenant) {
			if !yield(item, sh.named(err)) {
				return
			}
		}
	}
}

// RemoveTenant implements store.TenantRemover. It removes the tenant from all
// shards, and keeps its entry in the directory.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if _, err := s.at(ctx, tenant); err != nil {
		return err
	}
	for _, sh := range s.shards {
		at, err := sh.get(ctx)
		if err == nil {
			err = sh.named(at.RemoveTenant(ctx, tenant))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Import implements store.Copier. A shard keeps all of its items or none. If a
// shard fails after another one kept its items, call Import again.
func (s *Store) Import(ctx context.Context, items []store.Item) (changed int, err error) {
	if err := s.begin(ctx, store.CheckItems(items)); err != nil {
		return 0, err
	}
	parts := make(map[*shard][]store.Item)
	for _, item := range items {
		sh, err := s.at(ctx, item.Tenant)
		if err != nil {
			return 0, err
		}
		parts[sh] = append(parts[sh], item)
	}
	for sh, part := range parts {
		at, err := sh.get(ctx)
		if err == nil {
			var n int
			n, err = at.Import(ctx, part)
			changed += n
			err = sh.named(err)
		}
		if err != nil {
			return 0, err
		}
	}
	return changed, nil
}
