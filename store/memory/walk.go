package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/tidwall/btree"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Chat implements store.ChatReader.
func (s *Store) Chat(ctx context.Context, tenant string, id uuid.UUID) (store.Chat, error) {
	return read(ctx, s, tenant, nil, func(t *tenancy) (store.Chat, error) {
		c, err := t.chat(id)
		if err != nil {
			return store.Chat{}, err
		}
		return c.view(), nil
	})
}

// chat returns a chat that is known.
func (t *tenancy) chat(id uuid.UUID) (*chat, error) {
	if c := t.chats[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("memory: chat %s: %w", id, store.ErrUnknownChat)
}

// ChatsOfLine implements store.ChatReader. Its chats are as of one moment.
func (s *Store) ChatsOfLine(
	ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int,
) (chats []store.Chat, next uuid.UUID, err error) {
	return s.chats(ctx, tenant, limit, nil, func(t *tenancy) iter.Seq[*chat] {
		if l := t.lines[line]; l != nil {
			return following(l.chats, &chat{id: after})
		}
		return func(func(*chat) bool) {}
	})
}

// ChatsOfPerson implements store.ChatFinder. Each page looks at every chat of
// the tenant, as Forget does.
func (s *Store) ChatsOfPerson(
	ctx context.Context, tenant string, person recipients.Handle, after uuid.UUID, limit int,
) (chats []store.Chat, next uuid.UUID, err error) {
	name, unnamed := people.Name(person)
	return s.chats(ctx, tenant, limit, cmp.Or(store.CheckHandle(person), unnamed), func(t *tenancy) iter.Seq[*chat] {
		return sorted(t.chats, after, compareIDs, func(c *chat) bool { return c.tookPart(person, name) })
	})
}

// ChatsOfTenant implements store.ChatWalker. Each page sorts the ids of all
// chats of the tenant: what lives in memory is rarely walked.
func (s *Store) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) (chats []store.Chat, next uuid.UUID, err error) {
	return s.chats(ctx, tenant, limit, nil, func(t *tenancy) iter.Seq[*chat] { return sorted(t.chats, after, compareIDs, all) })
}

func (s *Store) chats(
	ctx context.Context, tenant string, limit int, invalid error, chats func(t *tenancy) iter.Seq[*chat],
) ([]store.Chat, uuid.UUID, error) {
	return page(ctx, s, tenant, limit, invalid, chats, (*chat).view, func(c *chat) uuid.UUID { return c.id })
}

// ChatsByID implements store.ChatWalker.
func (s *Store) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	ids, invalid := store.DistinctIDs(ids)
	return read(ctx, s, tenant, invalid, func(t *tenancy) (chats []store.Chat, err error) {
		for _, id := range ids {
			if c := t.chats[id]; c != nil {
				chats = append(chats, c.view())
			}
		}
		return chats, nil
	})
}

// Tenants implements store.ChatWalker.
func (s *Store) Tenants(ctx context.Context, after string, limit int) ([]string, error) {
	limit, negative := store.PageSize(limit)
	return locked(ctx, s, negative, func() (names []string, err error) {
		for t := range sorted(s.tenants, after, strings.Compare, func(t *tenancy) bool { return len(t.chats) > 0 }) {
			names = append(names, t.name)
		}
		return names[:min(limit, len(names))], nil
	})
}

// page returns views of the first of what a tenant has, at most limit, and the
// key of the last of them if there are more.
func page[T, V, K any](
	ctx context.Context, s *Store, tenant string, limit int, invalid error,
	all func(t *tenancy) iter.Seq[T], view func(T) V, key func(T) K,
) (views []V, next K, err error) {
	limit, negative := store.PageSize(limit)
	views, err = read(ctx, s, tenant, cmp.Or(invalid, negative), func(t *tenancy) (views []V, err error) {
		var last T
		for v := range all(t) {
			if len(views) == limit {
				next = key(last)
				break
			}
			views, last = append(views, view(v)), v
		}
		return views, nil
	})
	return views, next, err
}

// following yields what comes after something in an ordered set.
func following[T any](ordered *btree.BTreeG[T], pivot T) iter.Seq[T] {
	return func(yield func(T) bool) {
		ordered.Ascend(pivot, func(v T) bool { return !ordered.Less(pivot, v) || yield(v) })
	}
}

// sorted yields the values of a map that are wanted and come after a key, in
// the order of their keys. It looks at the whole map.
func sorted[K comparable, V any](m map[K]V, after K, compare func(a, b K) int, wanted func(V) bool) iter.Seq[V] {
	var keys []K
	for k, v := range m {
		if compare(k, after) > 0 && wanted(v) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compare)
	return func(yield func(V) bool) {
		for _, k := range keys {
			if !yield(m[k]) {
				return
			}
		}
	}
}

// all is for sorted to leave nothing out.
func all[V any](V) bool { return true }

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
