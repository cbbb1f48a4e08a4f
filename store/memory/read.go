package memory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Chat{}, err
	}
	if err := s.begin(ctx); err != nil {
		return store.Chat{}, err
	}
	return s.read(s.tenants.find(tenant), id)
}

// read returns a chat as of one moment.
func (s *Store) read(t tenantID, id uuid.UUID) (view store.Chat, err error) {
	err = s.with(t, id, nil, func(c *chat) error {
		view = c.view()
		return nil
	})
	return view, err
}

// ChatsOfLine implements store.ChatReader. Each chat is as of a moment of its
// own.
func (s *Store) ChatsOfLine(
	ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int,
) (chats []store.Chat, next uuid.UUID, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, uuid.Nil, err
	}
	t := s.tenants.find(tenant)
	ids, more := s.idsOfLine(t, line, after, limit)
	for _, id := range ids {
		if c, err := s.read(t, id); err == nil { // else it was forgotten just now
			chats = append(chats, c)
		}
	}
	if more {
		next = ids[limit-1]
	}
	return chats, next, nil
}

// idsOfLine returns the ids of chats of a line after an id, up to a limit, and
// whether there are more.
func (s *Store) idsOfLine(t tenantID, number recipients.Handle, after uuid.UUID, limit int) (ids []uuid.UUID, more bool) {
	at := placeOfLine(t, number)
	s.lock(at.set())
	defer s.unlock(at.set())
	l := s.shards[at].lines[owned[uint64]{t, number.Digits()}]
	if l == nil {
		return nil, false
	}
	l.chats.Ascend(&chat{id: after}, func(c *chat) bool {
		if c.id == after {
			return true
		}
		if len(ids) == limit {
			more = true
			return false
		}
		ids = append(ids, c.id)
		return true
	})
	return ids, more
}

// Decision implements store.DecisionReader.
func (s *Store) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Record{}, err
	}
	if err := s.begin(ctx); err != nil {
		return store.Record{}, err
	}
	t := s.tenants.find(tenant)
	at := placeOfID(t, messageID)
	s.lock(at.set())
	defer s.unlock(at.set())
	r := s.decided(t, messageID)
	if r == nil {
		return store.Record{}, fmt.Errorf("memory: message %s: %w", messageID, store.ErrNoRecord)
	}
	return *r.view(), nil
}
