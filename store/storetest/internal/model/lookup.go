package model

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Lookup implements store.ChatStore.
func (s *Model) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := q.Check(); err != nil {
		return store.Snapshot{}, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return store.Snapshot{}, err
	}
	defer end()

	t := s.of(q.Tenant)
	snap := store.Snapshot{Revision: t.revisions[q.Set]}
	for _, c := range t.matching(q.Set) {
		if q.SkipNamed && c.Named && c.Roster.Set().IsGroup() {
			continue
		}
		if len(snap.Chats) == store.MaxChats {
			snap.More = true
			break
		}
		snap.Chats = append(snap.Chats, c.Chat)
	}
	if q.IdempotencyKey != "" {
		snap.Record = cloneRecord(t.keys[q.IdempotencyKey])
	} else if q.MessageID != uuid.Nil {
		snap.Record = cloneRecord(t.records[q.MessageID])
	}
	return snap, nil
}

// matching returns the chats of a set, the most recently active first.
func (t *tenant) matching(key recipients.Key) []*chat {
	var found []*chat
	for _, c := range t.chats {
		if c.Roster.Len() > 0 && !c.LineLeft && c.Roster.Set().Key() == key {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *chat) int {
		if store.MoreRecent(a.Chat, b.Chat) {
			return -1
		}
		return 1
	})
	return found
}

func cloneRecord(r *store.Record) *store.Record {
	if r == nil {
		return nil
	}
	c := *r
	c.Attachments = slices.Clone(r.Attachments)
	c.Notes = slices.Clone(r.Notes)
	return &c
}
