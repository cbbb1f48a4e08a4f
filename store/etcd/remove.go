package etcd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// purged is the largest number of records in one transaction of a purge: each
// takes three operations, and a few more for its notes.
const purged = 20

// Purge implements store.Purger.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	limit, err = store.PurgeSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return 0, err
	}
	if err := s.endOldLists(ctx); err != nil {
		return 0, err
	}
	before = store.PurgeBefore(s.o.Clock(), before)
	prefix := s.of(kindExpiry)
	until := prefix
	// A time that is finer than microseconds is later than the one it is cut
	// to.
	if us := micros(before); us > 0 {
		if before.Nanosecond()%1000 != 0 {
			us++
		}
		until += ordered(uint64(us))
	}
	for removed < limit {
		answer, err := s.get(ctx, prefix, clientv3.WithRange(until+"\x00"), clientv3.WithLimit(int64(min(purged, limit-removed))), clientv3.WithKeysOnly())
		if err != nil {
			return removed, err
		}
		n, stale := 0, 0
		err = s.change(ctx, false, func(t *tx) error {
			n, stale = 0, 0
			for _, kv := range answer.Kvs {
				if string(kv.Key) >= until {
					continue
				}
				tenant, message := tenantAndID(string(kv.Key)[len(prefix)+8:])
				part := t.sub()
				r := part.record(tenant, message)
				switch {
				case part.damaged != nil:
					part = t.sub()
					part.dropDamaged(tenant, message, string(kv.Key))
				case r != nil:
					part.dropRecord(tenant, r)
				default: // of a record that could not be read when its tenant was removed
					part.del(string(kv.Key))
					part.merge()
					stale++
					continue
				}
				part.merge()
				notes := t.sub()
				if notes.dropNotes(tenant, message); notes.damaged == nil {
					notes.merge()
				}
				n++
			}
			return nil
		})
		removed += n
		if err != nil || n+stale == 0 {
			return removed, err
		}
	}
	return removed, nil
}

// Forget implements store.Forgetter. It removes each chat in one transaction,
// and notes the chat in it until its records are removed too. So the next call
// finishes one that was interrupted.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error) {
	name, unnamed := people.Name(h)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), store.CheckHandle(h), unnamed)); err != nil {
		return 0, err
	}
	var bad error // a row that may be about the person, and cannot be read
	for {
		ids, err := s.chatsOf(ctx, tenant, name)
		if carry.IsUnreadable(err) {
			bad, err = err, nil
		}
		if err != nil {
			return chats, err
		}
		n := 0
		for _, id := range ids {
			gone, err := s.forgetChat(ctx, tenant, id, h, name)
			if carry.IsUnreadable(err) {
				bad = err
				continue
			}
			if err != nil {
				return chats, err
			}
			if gone {
				n++
			}
		}
		if chats += n; n == 0 {
			break
		}
	}
	for _, forget := range []func() error{
		func() error { return s.forgetEmptied(ctx, tenant, h) },
		func() error { return s.forgetRecords(ctx, tenant, name) },
		func() error { return s.forgetConsent(ctx, tenant, name) },
	} {
		err := forget()
		if carry.IsUnreadable(err) {
			bad = err
		} else if err != nil {
			return chats, err
		}
	}
	return chats, bad
}

// chatsOf returns chats that may be a person's: the direct chats, and those in
// the index under the name. With an error wrapping store.ErrUnreadable it
// returns the chats that can be read.
func (s *Store) chatsOf(ctx context.Context, tenant string, name recipients.Key) (ids []uuid.UUID, err error) {
	key := s.keyOfSet(tenant, name)
	now, err := s.read(ctx, []string{key})
	if err != nil {
		return nil, err
	}
	m, bad := readSet(tenant, name, now[key])
	if bad != nil {
		bad, m.chats = fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableChat, tenant, store.UnreadablePerson, bad)), nil
	}
	for _, c := range m.chats {
		ids = append(ids, c.ID)
	}
	for after := uuid.Nil; ; {
		keys, _, next, err := s.page(ctx, s.ofPerson(tenant, name), after, store.MaxPage)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			ids = append(ids, k.id)
		}
		if after = next; next == uuid.Nil {
			return ids, bad
		}
	}
}

// forgetChat removes a chat and its deliveries if the person takes or took
// part, and notes that its records must be removed.
func (s *Store) forgetChat(ctx context.Context, tenant string, id uuid.UUID, h recipients.Handle, name recipients.Key) (gone bool, err error) {
	err = s.change(ctx, false, func(t *tx) error {
		c, m := t.chat(tenant, id)
		q, marked := t.queue(tenant, id)
		if gone = c != nil && (c.Roster.Set().Contains(h) || slices.Contains(c.Past, name)); !gone {
			return nil
		}
		t.expel(tenant, c, m)
		for i := len(q.entries) - 1; i >= 0; i-- {
			e := &q.entries[i]
			if q.lease.message != e.message || !q.lease.holds(s.o.Clock()) {
				t.drop(q, *e)
				continue
			}
			if !e.doomed {
				t.waitsNot(tenant, e)
				e.doomed = true
			}
			t.put(s.keyOf(kindDoomed, tenant, e.message), doomedValue(e, q.lease.until))
			w := newWriter()
			w.id(id)
			t.put(s.keyOf(kindContent, tenant, e.message), w)
		}
		t.saveQueue(q, marked)
		t.put(s.keyOf(kindForgot, tenant, id), nil)
		return nil
	})
	return gone && err == nil, err
}

// forgetEmptied removes sets without chats that the person is in: their keys
// would tell who it was.
func (s *Store) forgetEmptied(ctx context.Context, tenant string, h recipients.Handle) error {
	prefix := s.ofTenant(kindEmptied, tenant)
	var bad error
	err := s.walk(ctx, prefix, func(key string, b []byte, _ int64) error {
		roster, err := packed.ReadRoster(b)
		if err != nil {
			bad = fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableChat, tenant, store.UnreadablePerson, err))
			return nil
		}
		if !roster.Set().Contains(h) {
			return nil
		}
		return s.change(ctx, false, func(t *tx) error {
			m := t.set(tenant, roster.Set().Key())
			if len(m.chats) == 0 && m.there {
				t.del(s.keyOfSet(tenant, m.key))
				t.del(key)
			}
			return nil
		})
	})
	return cmp.Or(err, bad)
}

// forgetRecords removes the records and notes of the noted chats, and the notes
// that name the person. It reads every record and note of the tenant.
func (s *Store) forgetRecords(ctx context.Context, tenant string, person recipients.Key) error {
	gone := make(map[uuid.UUID]string)
	prefix := s.ofTenant(kindForgot, tenant)
	if err := s.walk(ctx, prefix, func(key string, _ []byte, _ int64) error {
		_, id := tenantAndID("\x00" + key[len(prefix):])
		gone[id] = key
		return nil
	}); err != nil {
		return err
	}
	bad := s.forgetNotes(ctx, tenant, gone, person)
	if bad != nil && !carry.IsUnreadable(bad) || len(gone) == 0 {
		return bad
	}
	records := func(kind string) error {
		return s.walk(ctx, s.ofTenant(kind, tenant), func(key string, b []byte, revision int64) error {
			r, _, err := readRecord(value{b, revision})
			if err != nil {
				id := "of an idempotency key"
				if kind == kindMessage {
					_, message := tenantAndID(key[len(s.of(kind)):])
					id = message.String()
				}
				bad = fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableRecord, tenant, id, err))
				return nil
			}
			if r == nil || gone[r.ChatID] == "" {
				return nil
			}
			return s.change(ctx, false, func(t *tx) error {
				if now := t.record(tenant, r.MessageID); now != nil && now.ChatID == r.ChatID {
					t.dropRecord(tenant, now)
					t.dropNotes(tenant, now.MessageID)
				}
				return nil
			})
		})
	}
	if err := cmp.Or(records(kindMessage), records(kindKey), bad); err != nil {
		return err // the chats stay noted for the next call
	}
	for _, key := range gone {
		if err := s.change(ctx, false, func(t *tx) error {
			if t.get(key).there() {
				t.del(key)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// walk calls a function for every key with a prefix, in pages.
func (s *Store) walk(ctx context.Context, prefix string, each func(key string, b []byte, revision int64) error) error {
	for from := prefix; ; {
		answer, err := s.get(ctx, from, clientv3.WithRange(end(prefix)), clientv3.WithLimit(store.MaxPage))
		if err != nil {
			return err
		}
		for _, kv := range answer.Kvs {
			if err := each(string(kv.Key), kv.Value, kv.ModRevision); err != nil {
				return err
			}
			from = string(kv.Key) + "\x00"
		}
		if !answer.More {
			return nil
		}
	}
}
