package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Purge implements store.Purger. It lets other calls in after each MaxPage
// records.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	limit, err = store.PurgeSize(limit)
	for more := true; err == nil && more && removed < limit; {
		more, err = locked(ctx, s, nil, func() (more bool, err error) {
			before = store.PurgeBefore(s.now(), before)
			for range min(limit-removed, store.MaxPage) {
				r, kept := s.expiry.Min()
				if !kept || !fromMicros(r.keepUntil).Before(before) {
					return false, nil
				}
				s.drop(r)
				r.tenant.dropNotesOf(r.message)
				removed++
			}
			return true, nil
		})
	}
	return removed, err
}

// Forget implements store.Forgetter. It looks at every chat, record and
// delivery of the tenant.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	name, unnamed := people.Name(h)
	return read(ctx, s, tenant, cmp.Or(store.CheckHandle(h), unnamed), func(t *tenancy) (chats int, err error) {
		gone := make(map[uuid.UUID]bool)
		for id, c := range t.chats {
			if c.tookPart(h, name) {
				gone[id] = true
				s.expel(t, c)
			}
		}
		for key, set := range t.sets { // their keys tell who it was
			if len(set.chats) == 0 && set.people.Contains(h) {
				delete(t.sets, key)
				t.unlist(set)
			}
		}
		for _, r := range t.messages {
			if gone[r.chat] {
				s.drop(r)
				t.dropNotesOf(r.message)
			}
		}
		for _, n := range t.notes {
			if !n.OfMessage && (gone[n.Of] || slices.Contains(n.Names, name)) {
				t.dropNote(n)
			}
		}
		for _, d := range t.deliveries {
			if gone[d.ChatID] {
				s.doomed[d] = true
			}
		}
		if c, left := t.consents[name].Forgotten(); left {
			t.consents[name] = c
		} else {
			delete(t.consents, name)
		}
		s.sweep(s.now()) // what is leased goes when it no longer is
		return len(gone), nil
	})
}

// RemoveTenant implements store.TenantRemover. An export that runs yields
// nothing more of the tenant.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
	s.unlearn(slices.Collect(maps.Values(t.lines))...)
	for _, r := range t.messages {
		s.drop(r)
	}
	for _, d := range t.deliveries {
		s.remove(d)
	}
	clear(t.chats)
	clear(t.consents)
	clear(t.notes)
	delete(s.tenants, tenant)
	return nil
}
