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
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// purged is how many records one transaction removes: each is three operations,
// and a few more with its notes.
const purged = 20

// Purge implements store.Purger.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (removed int, err error) {
	limit, err = store.PurgeSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return 0, err
	}
	prefix := s.of(kindExpiry)
	until := prefix
	if us := micros(before); us > 0 { // later than what it is cut to, if it is finer
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
		n := 0
		err = s.change(ctx, false, func(t *tx) error {
			n = 0
			for _, kv := range answer.Kvs {
				if string(kv.Key) >= until {
					continue
				}
				tenant, message := tenantAndID(string(kv.Key)[len(prefix)+8:])
				if r := t.record(tenant, message); r != nil {
					t.dropRecord(tenant, r)
					t.dropNotes(tenant, message)
					n++
				}
			}
			return nil
		})
		removed += n
		if err != nil || n == 0 {
			return removed, err
		}
	}
	return removed, nil
}

// Forget implements store.Forgetter. Each chat goes in one transaction, and is
// noted in it until its records are gone too, so that a call that was cut short
// is finished by the next.
func (s *Store) Forget(ctx context.Context, tenant string, h recipients.Handle) (chats int, err error) {
	name, unnamed := people.Name(h)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), store.CheckHandle(h), unnamed)); err != nil {
		return 0, err
	}
	for {
		ids, err := s.chatsOf(ctx, tenant, name)
		if err != nil {
			return chats, err
		}
		n := 0
		for _, id := range ids {
			gone, err := s.forgetChat(ctx, tenant, id, h, name)
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
	if err := s.forgetEmptied(ctx, tenant, h); err != nil {
		return chats, err
	}
	if err := s.forgetRecords(ctx, tenant, name); err != nil {
		return chats, err
	}
	return chats, s.forgetConsent(ctx, tenant, name)
}

// chatsOf returns the chats that may be those of a person: their direct chats
// and those that their name lists.
func (s *Store) chatsOf(ctx context.Context, tenant string, name recipients.Key) (ids []uuid.UUID, err error) {
	key := s.keyOfSet(tenant, name)
	now, err := s.read(ctx, []string{key})
	if err != nil {
		return nil, err
	}
	m, err := readSet(tenant, name, now[key])
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
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
			return ids, nil
		}
	}
}

// forgetChat removes a chat with its deliveries, if the person takes or took
// part, and notes that its records have to go.
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

// forgetEmptied removes sets without chats that the person is one of: their
// keys tell who it was.
func (s *Store) forgetEmptied(ctx context.Context, tenant string, h recipients.Handle) error {
	prefix := s.ofTenant(kindEmptied, tenant)
	return s.walk(ctx, prefix, func(key string, b []byte, _ int64) error {
		roster, err := packed.ReadRoster(b)
		if err != nil {
			return fmt.Errorf("etcd: %w", err)
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
}

// forgetRecords removes the records and notes of chats that were noted, and the
// notes that name the person. It looks at every record and note of the tenant.
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
	if err := s.forgetNotes(ctx, tenant, gone, person); err != nil || len(gone) == 0 {
		return err
	}
	records := func(kind string) error {
		return s.walk(ctx, s.ofTenant(kind, tenant), func(_ string, b []byte, revision int64) error {
			r, _, err := readRecord(value{b, revision})
			if err != nil {
				return fmt.Errorf("etcd: %w", err)
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
	if err := cmp.Or(records(kindMessage), records(kindKey)); err != nil {
		return err
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

// walk hands over every key that begins so, in pages, with what it holds.
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
