package sqlite

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// ChatsOfPerson implements store.ChatFinder.
func (s *Store) ChatsOfPerson(
	ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int,
) ([]store.Chat, uuid.UUID, error) {
	limit, wrong := store.PageSize(limit)
	name, unnamed := people.Name(person)
	if err := cmp.Or(store.CheckTenant(tenant), store.CheckHandle(person), unnamed, wrong); err != nil {
		return nil, uuid.Nil, err
	}
	key := name.Bytes()
	return s.page(ctx, limit, "chats of a person", tenant, []byte(tenant), key[:], after[:], limit+1)
}
