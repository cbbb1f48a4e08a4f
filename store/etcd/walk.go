package etcd

import (
	"cmp"
	"context"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// listed is one key of a page: the id at its end, and its value.
type listed struct {
	id    uuid.UUID
	value []byte
}

// page returns the keys with a prefix that end with an id after the given one,
// the revision at which they were read, and the id to go on with.
func (s *Store) page(ctx context.Context, prefix string, after uuid.UUID, limit int) (keys []listed, revision int64, next uuid.UUID, err error) {
	from := prefix
	if after != uuid.Nil {
		from = prefix + string(after[:]) + "\x00"
	}
	answer, err := s.get(ctx, from, clientv3.WithRange(end(prefix)), clientv3.WithLimit(int64(limit)))
	if err != nil {
		return nil, 0, uuid.Nil, err
	}
	for _, kv := range answer.Kvs {
		k := listed{value: kv.Value}
		copy(k.id[:], kv.Key[len(prefix):])
		keys = append(keys, k)
	}
	if answer.More {
		next = keys[len(keys)-1].id
	}
	return keys, answer.Header.Revision, next, nil
}

// chatsAt returns chats of a tenant by their ids, as of a revision. It leaves
// out ids without a chat, and chats that cannot be read.
func (s *Store) chatsAt(ctx context.Context, tenant string, ids []uuid.UUID, revision int64) (chats []*store.CopiedChat, err error) {
	return s.chatsOrBad(ctx, tenant, ids, revision, ignore)
}

// chatsOrBad is chatsAt. It calls bad with the error of each chat that cannot
// be read.
func (s *Store) chatsOrBad(
	ctx context.Context, tenant string, ids []uuid.UUID, revision int64, bad func(*store.UnreadableError),
) (chats []*store.CopiedChat, err error) {
	var places []string
	for _, id := range ids {
		places = append(places, s.keyOf(kindPlace, tenant, id))
	}
	found, err := s.readAt(ctx, places, revision)
	if err != nil {
		return nil, err
	}
	var sets []string
	at := make([]place, len(ids))
	for i, key := range places {
		if at[i], err = readPlace(found[key]); err != nil {
			bad(s.aside.Add(store.UnreadableChat, tenant, ids[i].String(), err))
			at[i] = place{}
			continue
		}
		if at[i].there && at[i].own == nil {
			sets = append(sets, s.keyOfSet(tenant, at[i].set))
		}
	}
	values, err := s.readAt(ctx, distinct(sets), revision)
	if err != nil {
		return nil, err
	}
	for i, p := range at {
		c := p.own
		if p.there && c == nil {
			m, err := readSet(tenant, p.set, values[s.keyOfSet(tenant, p.set)])
			if err != nil {
				bad(s.aside.Add(store.UnreadableChat, tenant, ids[i].String(), err))
				continue
			}
			c = m.find(ids[i])
		}
		if c != nil {
			chats = append(chats, c)
		}
	}
	return chats, nil
}

// chatPage returns a page of the chats that the keys with a prefix list. It
// calls bad with the error of each chat that cannot be read.
func (s *Store) chatPage(
	ctx context.Context, tenant, prefix string, after uuid.UUID, limit int, bad func(*store.UnreadableError),
) (chats []*store.CopiedChat, next uuid.UUID, err error) {
	limit, err = checkPage(tenant, limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, uuid.Nil, err
	}
	keys, revision, next, err := s.page(ctx, prefix, after, limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	var ids []uuid.UUID
	for _, k := range keys {
		ids = append(ids, k.id)
	}
	chats, err = s.chatsOrBad(ctx, tenant, ids, revision, bad)
	return chats, next, err
}

// ignore is for pages that leave out chats that cannot be read.
func ignore(*store.UnreadableError) {}

func shown(chats []*store.CopiedChat) (shown []store.Chat) {
	for _, c := range chats {
		shown = append(shown, c.Chat)
	}
	return shown
}

// ChatsOfLine implements store.ChatReader. A page is of one moment.
func (s *Store) ChatsOfLine(
	ctx context.Context, tenant string, line recipients.Handle, after uuid.UUID, limit int,
) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := s.chatPage(ctx, tenant, s.chatsOnLine(tenant, line), after, limit, ignore)
	return shown(chats), next, err
}

// ChatsOfTenant implements store.ChatWalker. A page is of one moment.
func (s *Store) ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.Chat, uuid.UUID, error) {
	chats, next, err := s.chatPage(ctx, tenant, s.ofTenant(kindPlace, tenant), after, limit, ignore)
	return shown(chats), next, err
}

// ChatsByID implements store.ChatWalker.
func (s *Store) ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]store.Chat, error) {
	ids, err := store.DistinctIDs(ids)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), err)); err != nil {
		return nil, err
	}
	chats, err := s.chatsAt(ctx, tenant, ids, 0)
	return shown(chats), err
}

// Tenants implements store.ChatWalker. It makes a round trip for each tenant.
func (s *Store) Tenants(ctx context.Context, after string, limit int) ([]string, error) {
	limit, err := store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, err
	}
	return s.tenants(ctx, kindPlace, after, limit)
}

// tenants returns the tenants that have a key of a kind.
func (s *Store) tenants(ctx context.Context, kind, after string, limit int) (names []string, err error) {
	prefix := s.of(kind)
	from := prefix
	if after != "" {
		from = prefix + after + "\x01"
	}
	for len(names) < limit {
		answer, err := s.get(ctx, from, clientv3.WithRange(end(prefix)), clientv3.WithLimit(1), clientv3.WithKeysOnly())
		if err != nil {
			return nil, err
		}
		if len(answer.Kvs) == 0 {
			break
		}
		name, _ := tenantAndID(string(answer.Kvs[0].Key)[len(prefix):])
		names = append(names, name)
		from = prefix + name + "\x01"
	}
	return names, nil
}
