package storetest_test

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// walking is a store whose pages are wrong in one way.
type walking struct {
	*memory.Store
	leftover string // a tenant that it shows although it has no chat
	live     bool   // it shows only chats that can match
	repeats  bool   // it answers twice for an id asked twice
}

func (w walking) Tenants(ctx context.Context, after string, limit int) ([]string, error) {
	names, err := w.Store.Tenants(ctx, after, limit)
	if err == nil && w.leftover > after && !slices.Contains(names, w.leftover) {
		names = append(names, w.leftover)
		slices.Sort(names)
		if limit > 0 {
			names = names[:min(limit, len(names))]
		}
	}
	return names, err
}

func (w walking) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := w.Store.ChatsOfTenant(ctx, tenant, after, limit)
	if w.live {
		chats = slices.DeleteFunc(chats, func(c store.Chat) bool { return c.LineLeft })
	}
	return chats, next, err
}

func (w walking) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	chats, err := w.Store.ChatsByID(ctx, tenant, ids)
	for i := 0; w.repeats && i+1 < len(ids); i++ {
		if slices.Contains(ids[i+1:], ids[i]) {
			if again, err := w.Store.ChatsByID(ctx, tenant, ids[i:i+1]); err == nil {
				chats = append(chats, again...)
			}
		}
	}
	return chats, err
}

// finding finds only some chats of a person.
type finding struct {
	*memory.Store
	finds func(store.Chat, recipients.Handle) bool
}

func (f finding) ChatsOfPerson(ctx context.Context, tenant string, who recipients.Handle, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := f.Store.ChatsOfPerson(ctx, tenant, who, after, limit)
	return slices.DeleteFunc(chats, func(c store.Chat) bool { return !f.finds(c, who) }), next, err
}
