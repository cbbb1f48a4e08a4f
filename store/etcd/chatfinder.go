package etcd

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// ChatsOfPerson implements store.ChatFinder. For each page it reads the ids of
// all chats of the person.
func (s *Store) ChatsOfPerson(
	ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int,
) (found []store.Chat, next uuid.UUID, err error) {
	limit, wrong := checkPage(tenant, limit)
	name, unnamed := people.Name(person)
	if err := s.begin(ctx, cmp.Or(wrong, store.CheckHandle(person), unnamed)); err != nil {
		return nil, uuid.Nil, err
	}
	ids, err := s.chatsOf(ctx, tenant, name)
	if err != nil {
		return nil, uuid.Nil, err
	}
	ids = slices.DeleteFunc(ids, func(id uuid.UUID) bool { return bytes.Compare(id[:], after[:]) <= 0 })
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	for part := range slices.Chunk(slices.Compact(ids), store.MaxPage) {
		chats, err := s.chatsAt(ctx, tenant, part, 0)
		if err != nil {
			return nil, uuid.Nil, err
		}
		for _, c := range chats {
			if !c.Roster.Set().Contains(person) && !slices.Contains(c.Past, name) {
				// The index may list a chat that the person never joined.
				continue
			}
			if len(found) == limit {
				return found, found[limit-1].ID, nil
			}
			found = append(found, c.Chat)
		}
	}
	return found, uuid.Nil, nil
}
