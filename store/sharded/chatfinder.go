package sharded

import (
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ChatsOfPerson implements store.ChatFinder.
func (s *Store) ChatsOfPerson(
	ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int,
) ([]store.Chat, uuid.UUID, error) {
	p, err := on(ctx, s, tenant, func(ctx context.Context, at store.Store) (p page[store.Chat], err error) {
		p.all, p.next, err = at.ChatsOfPerson(ctx, tenant, person, after, limit)
		return p, err
	})
	return p.all, p.next, err
}
