package memory

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// ChatsOfPerson implements store.ChatFinder. Each page looks at every chat of the
// tenant, as Forget does.
func (s *Store) ChatsOfPerson(
	ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int,
) (chats []store.Chat, next uuid.UUID, err error) {
	limit, err = store.PageSize(limit)
	name, unnamed := people.Name(person)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), store.CheckHandle(person), unnamed, err)); err != nil {
		return nil, uuid.Nil, err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
	ids, next := t.idsAfter(after, limit, func(c *chat) bool { return c.tookPart(person, name) })
	return t.views(ids), next, nil
}
