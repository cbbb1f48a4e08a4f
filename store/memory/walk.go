package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Tenants implements store.ChatWalker.
func (s *Store) Tenants(ctx context.Context, after string, limit int) (names []string, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	for name, t := range s.tenants {
		if name > after && len(t.chats) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(limit, len(names))], nil
}

// ChatsOfTenant implements store.ChatWalker. Each page sorts the ids of all chats
// of the tenant: what lives in memory is rarely walked.
func (s *Store) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) (chats []store.Chat, next uuid.UUID, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), err)); err != nil {
		return nil, uuid.Nil, err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
	ids, next := t.idsAfter(after, limit, func(*chat) bool { return true })
	return t.views(ids), next, nil
}

// idsAfter returns a page of the ids of chats, and the id to go on with.
func (t *tenant) idsAfter(after uuid.UUID, limit int, wanted func(*chat) bool) (ids []uuid.UUID, next uuid.UUID) {
	for id, c := range t.chats {
		if bytes.Compare(id[:], after[:]) > 0 && wanted(c) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	if len(ids) > limit {
		ids = ids[:limit]
		next = ids[limit-1]
	}
	return ids, next
}

// ChatsByID implements store.ChatWalker.
func (s *Store) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	ids, err := store.DistinctIDs(ids)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), err)); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return s.tenant(tenant).views(ids), nil
}

// views returns the chats of those ids that there are.
func (t *tenant) views(ids []uuid.UUID) (chats []store.Chat) {
	for _, id := range ids {
		if c := t.chats[id]; c != nil {
			chats = append(chats, c.view())
		}
	}
	return chats
}
