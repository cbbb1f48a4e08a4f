package model

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Purge implements store.Purger.
func (s *Model) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	limit, err := store.PurgeSize(limit)
	if err != nil {
		return 0, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	before = store.PurgeBefore(s.now(), before)
	type expired struct {
		t *tenant
		r *store.Record
	}
	var all []expired
	for _, t := range s.tenants {
		for _, r := range t.records {
			if r.KeepUntil.Before(before) {
				all = append(all, expired{t, r})
			}
		}
	}
	slices.SortFunc(all, func(a, b expired) int { return a.r.KeepUntil.Compare(b.r.KeepUntil) })
	all = all[:min(limit, len(all))]
	for _, e := range all {
		drop(e.t, e.r)
	}
	return len(all), nil
}

func drop(t *tenant, r *store.Record) {
	delete(t.records, r.MessageID)
	if r.Key != "" {
		delete(t.keys, r.Key)
	}
}

// Forget implements store.Forgetter.
func (s *Model) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return 0, err
	}
	if err := store.CheckHandle(h); err != nil {
		return 0, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	t := s.of(tenant)
	gone := make(map[uuid.UUID]bool)
	for id, c := range t.chats {
		if c.past[h] || c.Roster.Set().Contains(h) {
			gone[id] = true
			delete(t.held, id)
			s.change(t, func() { delete(t.chats, id) }, c.Roster.Set().Key())
		}
	}
	for _, r := range t.records {
		if gone[r.ChatID] {
			drop(t, r)
		}
	}
	for id, d := range t.deliveries {
		if gone[d.ChatID] {
			d.forgotten = true
			if !d.leased(s.now()) {
				delete(t.deliveries, id)
			}
		}
	}
	return len(gone), nil
}
