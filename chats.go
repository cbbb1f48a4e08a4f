package fromline

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Chats returns a page of chats of the tenant, ordered by their ids: those on
// the line (zero: on any line), with the person (zero: any person), and with an
// id after the given one (zero: from the first). It returns at most limit chats
// (0: store.MaxPage), and the id to continue with, which is zero on the last
// page. Every other page is full. The error wraps store.ErrInvalid if the limit
// is negative or a handle cannot be used. It is errors.ErrUnsupported if the
// store cannot find its chats, and an [*UnavailableError] if the store does not
// answer. Chats is safe for concurrent use.
func (r *Router) Chats(
	ctx context.Context, tenant string, line, person recipients.Handle, after uuid.UUID, limit int,
) (chats []store.Chat, next uuid.UUID, err error) {
	if r.fleet == nil {
		return nil, uuid.Nil, errNotMade
	}
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	for {
		page, next, err := r.pageOfChats(ctx, tenant, line, person, after, min(limit+1, store.MaxPage)) // one more tells that there are more
		if err != nil {
			return nil, uuid.Nil, unread(err)
		}
		for _, c := range page {
			if person.IsValid() && (!c.Roster.Set().Contains(person) || line.IsValid() && c.Line != line) {
				continue // of one who has left, or on another line
			}
			if len(chats) == limit {
				return chats, chats[limit-1].ID, nil
			}
			chats = append(chats, c)
		}
		if after = next; next == uuid.Nil {
			return chats, uuid.Nil, nil
		}
	}
}

// pageOfChats asks the store by the narrowest of what is asked for.
func (r *Router) pageOfChats(
	ctx context.Context, tenant string, line, person recipients.Handle, after uuid.UUID, limit int,
) ([]store.Chat, uuid.UUID, error) {
	switch {
	case person.IsValid():
		if finder, can := r.chats.(store.ChatFinder); can {
			return finder.ChatsOfPerson(ctx, tenant, person, after, limit)
		}
	case line.IsValid():
		if reader, can := r.chats.(store.ChatReader); can {
			return reader.ChatsOfLine(ctx, tenant, line, after, limit)
		}
	default:
		if walker, can := r.chats.(store.ChatWalker); can {
			return walker.ChatsOfTenant(ctx, tenant, after, limit)
		}
	}
	return nil, uuid.Nil, fmt.Errorf("fromline: the store cannot find its chats: %w", errors.ErrUnsupported)
}
