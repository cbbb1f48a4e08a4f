package memory

import (
	"cmp"
	"context"
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
	for err == nil && removed < limit {
		page := min(limit-removed, store.MaxPage)
		var n int
		n, err = s.purge(ctx, before, page)
		removed += n
		if n < page {
			break
		}
	}
	return removed, err
}

func (s *Store) purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	before = store.PurgeBefore(s.now(), before)
	for ; removed < limit; removed++ {
		r, ok := s.expiry.Min()
		if !ok || !fromMicros(r.keepUntil).Before(before) {
			break
		}
		s.drop(r)
		r.tenant.dropNotesOf(r.message)
	}
	return removed, nil
}

// Forget implements store.Forgetter. It looks at every chat, record and delivery
// of the tenant.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error) {
	name, unnamed := people.Name(h)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), store.CheckHandle(h), unnamed)); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
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
	t.forgetNotes(gone, name)
	for _, d := range t.deliveries {
		if gone[d.ChatID] {
			s.doomed[d] = true
		}
	}
	if c, kept := t.consents[name]; kept {
		delete(t.consents, name)
		if c, left := c.Forgotten(); left {
			t.consents[name] = c
		}
	}
	s.sweep(s.now()) // what is leased goes when it no longer is
	return len(gone), nil
}
