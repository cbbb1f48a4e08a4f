package model

import (
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ChatsOfPerson implements store.ChatFinder.
func (s *Model) ChatsOfPerson(
	ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int,
) ([]store.Chat, uuid.UUID, error) {
	if err := store.CheckHandle(person); err != nil {
		return nil, uuid.Nil, err
	}
	return s.page(ctx, tenant, after, limit, func(c *chat) bool { return c.past[person] || c.Roster.Set().Contains(person) })
}
