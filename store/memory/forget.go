package memory

import (
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Forget implements store.Forgetter. It looks at every chat and every record,
// one shard at a time.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return 0, err
	}
	if err := store.CheckHandle(h); err != nil {
		return 0, err
	}
	t := s.tenants.find(tenant)
	gone := make(map[uuid.UUID]bool)
	for {
		if err := s.begin(ctx); err != nil {
			return len(gone), err
		}
		// A send that saw a chat of the person before it went may have opened
		// another one behind the scan. Once a scan finds nothing, none can.
		found := s.chatsWith(t, h)
		if len(found) == 0 {
			break
		}
		for _, id := range found {
			if s.expel(t, id) {
				gone[id] = true
			}
		}
	}
	s.dropSets(t, h)
	s.dropRecords(t, gone)
	s.outbox.forget(t, gone)
	return len(gone), nil
}

// chatsWith returns the chats in which somebody takes part or took part.
func (s *Store) chatsWith(t tenantID, h recipients.Handle) (ids []uuid.UUID) {
	for i := range s.shards {
		at := &s.shards[i]
		at.mu.Lock()
		at.chats.all(func(c *chat) {
			if c.set.tenant == t && c.tookPart(h) {
				ids = append(ids, c.id)
			}
		})
		at.mu.Unlock()
	}
	return ids
}

// expel removes a chat unless somebody else did, and says whether it did.
func (s *Store) expel(t tenantID, id uuid.UUID) bool {
	lineOf := func(c *chat) placeSet { return placeOfLine(t, c.line.number()).set() }
	err := s.with(t, id, lineOf, func(c *chat) error {
		s.leave(c)
		c.line.chats.Delete(c)
		s.shards[placeOfID(t, id)].chats.remove(c)
		return nil
	})
	return err == nil
}

// dropSets removes the sets of somebody that have no chats any more: their keys
// tell who it was.
func (s *Store) dropSets(t tenantID, h recipients.Handle) {
	for i := range s.shards {
		at := &s.shards[i]
		at.mu.Lock()
		at.sets.all(func(set *set) {
			if set.tenant == t && !set.matches() && set.people.Contains(h) {
				at.sets.remove(set)
			}
		})
		at.mu.Unlock()
	}
}

// dropRecords removes the records of chats.
func (s *Store) dropRecords(t tenantID, chats map[uuid.UUID]bool) {
	for i := range s.shards {
		at := &s.shards[i]
		var records []*record
		at.mu.Lock()
		at.messages.all(func(r *record) {
			if r.tenant() == t && chats[r.chat] {
				records = append(records, r)
			}
		})
		at.mu.Unlock()
		for _, r := range records {
			s.drop(r)
		}
	}
}
