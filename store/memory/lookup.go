package memory

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Lookup implements store.ChatStore.
func (s *Store) Lookup(ctx context.Context, q store.Query) (snap store.Snapshot, err error) {
	if err := s.begin(ctx, q.Check()); err != nil {
		return store.Snapshot{}, err
	}
	defer s.mu.Unlock()
	t := s.tenant(q.Tenant)
	if set := t.sets[q.Set]; set != nil {
		snap.Revision = set.revision
		snap.Chats, snap.More = set.view(q.SkipNamed)
	}
	if r := t.record(q.IdempotencyKey, q.MessageID); r != nil {
		if snap.Record, err = r.unpack(); err != nil {
			return store.Snapshot{}, fmt.Errorf("memory: %w", err)
		}
	}
	if snap.Standing, err = t.standing(q.Recipients); err != nil {
		return store.Snapshot{}, err
	}
	return snap, nil
}

// view returns the chats of a set as a look-up returns them.
func (s *set) view(skipNamed bool) (chats []store.Chat, more bool) {
	skipNamed = skipNamed && s.people.IsGroup()
	for _, c := range s.chats {
		switch {
		case skipNamed && c.named:
		case len(chats) == store.MaxChats:
			return chats, true
		default:
			if chats == nil {
				chats = make([]store.Chat, 0, min(len(s.chats), store.MaxChats))
			}
			chats = append(chats, c.view())
		}
	}
	return chats, false
}

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return store.Chat{}, err
	}
	defer s.mu.Unlock()
	c, err := s.tenant(tenant).chat(id)
	if err != nil {
		return store.Chat{}, err
	}
	return c.view(), nil
}

// chat returns a chat that is known.
func (t *tenant) chat(id uuid.UUID) (*chat, error) {
	if c := t.chats[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("memory: chat %s: %w", id, store.ErrUnknownChat)
}

// ChatsOfLine implements store.ChatReader. Its chats are as of one moment.
func (s *Store) ChatsOfLine(
	ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int,
) (chats []store.Chat, next uuid.UUID, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), err)); err != nil {
		return nil, uuid.Nil, err
	}
	defer s.mu.Unlock()
	l := s.tenant(tenant).lines[line]
	if l == nil {
		return nil, uuid.Nil, nil
	}
	l.chats.Ascend(&chat{id: after}, func(c *chat) bool {
		switch {
		case c.id == after:
		case len(chats) == limit:
			next = chats[limit-1].ID
			return false
		default:
			chats = append(chats, c.view())
		}
		return true
	})
	return chats, next, nil
}

// Decision implements store.DecisionReader.
func (s *Store) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return store.Record{}, err
	}
	defer s.mu.Unlock()
	r := s.tenant(tenant).messages[messageID]
	if r == nil {
		return store.Record{}, fmt.Errorf("memory: message %s: %w", messageID, store.ErrNoRecord)
	}
	v, err := r.unpack()
	if err != nil {
		return store.Record{}, fmt.Errorf("memory: %w", err)
	}
	return *v, nil
}
