package model

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Tenants implements store.ChatWalker.
func (s *Model) Tenants(ctx context.Context, after string, limit int) (names []string, err error) {
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	for name, t := range s.tenants {
		if name > after && len(t.chats) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(limit, len(names))], nil
}

// ChatsOfTenant implements store.ChatWalker.
func (s *Model) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	return s.page(ctx, tenant, after, limit, func(*chat) bool { return true })
}

// ChatsByID implements store.ChatWalker.
func (s *Model) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) (chats []store.Chat, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, err
	}
	if ids, err = store.DistinctIDs(ids); err != nil {
		return nil, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	for _, id := range ids {
		if c := s.of(tenant).chats[id]; c != nil {
			chats = append(chats, c.Chat)
		}
	}
	return chats, nil
}
