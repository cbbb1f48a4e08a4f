package etcd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Lookup implements store.ChatStore. It is one linearizable round trip, and one
// more if it looks up a record with a key by its message id.
func (s *Store) Lookup(ctx context.Context, q store.Query) (snap store.Snapshot, err error) {
	if err := s.begin(ctx, q.Check()); err != nil {
		return store.Snapshot{}, err
	}
	names, err := people.Names(q.Recipients)
	if err != nil {
		return store.Snapshot{}, err
	}
	var asked []string
	for _, name := range names {
		asked = append(asked, s.keyOfConsent(q.Tenant, name))
	}
	setKey := s.keyOfSet(q.Tenant, q.Set)
	keys := []string{setKey}
	switch {
	case q.IdempotencyKey != "":
		keys = append(keys, s.keyOfKey(q.Tenant, q.IdempotencyKey))
	case q.MessageID != uuid.Nil:
		keys = append(keys, s.keyOf(kindMessage, q.Tenant, q.MessageID))
	}
	for {
		now, err := s.read(ctx, slices.Concat(keys, asked))
		if err != nil {
			return store.Snapshot{}, err
		}
		m, err := readSet(q.Tenant, q.Set, now[setKey])
		if err != nil {
			return store.Snapshot{}, fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableChat, q.Tenant, store.UnreadablePerson, err))
		}
		snap = store.Snapshot{Revision: m.revision}
		snap.Chats, snap.More = m.view(q.SkipNamed)
		if snap.Standing, err = s.standing(q.Tenant, names, asked, now); err != nil {
			return store.Snapshot{}, err
		}
		if len(keys) == 1 {
			return snap, nil
		}
		record, key, err := readRecord(now[keys[len(keys)-1]])
		if err != nil {
			id := q.MessageID.String()
			if q.MessageID == uuid.Nil {
				id = "of an idempotency key"
			}
			return store.Snapshot{}, fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableRecord, q.Tenant, id, err))
		}
		if key == "" {
			snap.Record = record
			if record != nil && q.IdempotencyKey == "" && record.MessageID != q.MessageID {
				snap.Record = nil // the key has the record of another message now
			}
			return snap, nil
		}
		keys = []string{setKey, s.keyOfKey(q.Tenant, key)}
	}
}

// view returns the chats of a set as Lookup returns them.
func (m *set) view(skipNamed bool) (chats []store.Chat, more bool) {
	for _, c := range m.chats {
		switch {
		case skipNamed && c.Named && c.Roster.Set().IsGroup():
		case len(chats) == store.MaxChats:
			return chats, true
		default:
			chats = append(chats, c.Chat)
		}
	}
	return chats, false
}

// Decision implements store.DecisionReader.
func (s *Store) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return store.Record{}, err
	}
	var record *store.Record
	if err := s.change(ctx, false, func(t *tx) error {
		record = t.record(tenant, messageID)
		return nil
	}); err != nil {
		return store.Record{}, err
	}
	if record == nil {
		return store.Record{}, fmt.Errorf("etcd: message %s: %w", messageID, store.ErrNoRecord)
	}
	return *record, nil
}

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return store.Chat{}, err
	}
	var c *store.CopiedChat
	if err := s.change(ctx, false, func(t *tx) error {
		c, _ = t.chat(tenant, id)
		return nil
	}); err != nil {
		return store.Chat{}, err
	}
	if c == nil {
		return store.Chat{}, unknownChat(id)
	}
	return c.Chat, nil
}

// checkPage returns the size of a page, or the error of an invalid tenant or
// limit.
func checkPage(tenant string, limit int) (int, error) {
	limit, err := store.PageSize(limit)
	return limit, cmp.Or(store.CheckTenant(tenant), err)
}
