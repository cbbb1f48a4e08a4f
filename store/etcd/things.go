package etcd

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// The largest number of things that are read at one moment, and removed in one
// transaction. The deliveries of a chat are removed alone.
const (
	thingsRead    = 50
	thingsRemoved = 12
)

// Things implements store.Things. It reads up to 50 things at one moment.
func (s *Store) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	if err := s.begin(ctx, store.CheckThings(tenant, things)); err != nil {
		return nil, err
	}
	named := carry.ByKind(things)
	items, err := carry.Named(ctx, s, tenant, named[store.ThingLine])
	if err != nil {
		return nil, err
	}
	for kind := store.ThingChat; kind < store.ThingLine; kind++ {
		for names := range slices.Chunk(named[kind], thingsRead) {
			var some []store.Item
			err := s.look(ctx, func(t *tx) {
				some = nil
				for _, name := range names {
					some = append(some, t.thing(tenant, kind, name)...)
				}
			})
			if err != nil {
				return nil, err
			}
			items = append(items, some...)
		}
	}
	return items, nil
}

// look calls a function that only reads, until it has been given all that it
// reads, as of one moment. Other writers do not delay it.
func (s *Store) look(ctx context.Context, do func(*tx)) error {
	now, err := s.get(ctx, s.of(kindFormat), clientv3.WithCountOnly())
	if err != nil {
		return err
	}
	known := make(map[string]value)
	for {
		t := s.newTx(func(key string) (value, bool) {
			v, is := known[key]
			return v, is
		})
		do(t)
		if len(t.missing) == 0 {
			return t.damaged
		}
		more, err := s.readAt(ctx, distinct(t.missing), now.Header.Revision)
		if err != nil {
			return err
		}
		maps.Copy(known, more)
	}
}

// thing returns the items of a thing.
func (t *tx) thing(tenant string, kind store.ThingKind, name string) (items []store.Item) {
	switch kind {
	case store.ThingChat:
		if c, _ := t.chat(tenant, idFrom(name)); c != nil {
			c = cut(c)
			carry.Sort(c.Past)
			return []store.Item{{Tenant: tenant, Chat: c}}
		}
	case store.ThingRecord:
		if r := t.record(tenant, idFrom(name)); r != nil {
			return []store.Item{{Tenant: tenant, Record: r}}
		}
	case store.ThingDeliveries:
		q, _ := t.queue(tenant, idFrom(name))
		for i := range q.entries {
			e := &q.entries[i]
			d, err := content(e.message, t.get(t.s.keyOf(kindContent, tenant, e.message)))
			t.damage(store.UnreadableDelivery, tenant, e.message.String(), err)
			if !e.doomed && d.To.Len() > 0 {
				items = append(items, store.Item{Tenant: tenant, Delivery: e.copied(d)})
			}
		}
	case store.ThingConsent:
		person, _ := recipients.KeyFromBytes([]byte(name)) // CheckThings has checked it
		v := t.get(t.s.keyOfConsent(tenant, person))
		c, err := readConsent(person, v)
		t.damage(store.UnreadableConsent, tenant, store.UnreadablePerson, err)
		if v.there() {
			return []store.Item{{Tenant: tenant, Consent: &c}}
		}
	case store.ThingNote:
		if n := t.note(tenant, name); n.Name != "" {
			return []store.Item{{Tenant: tenant, Note: &n}}
		}
	}
	return items
}

// RemoveThings implements store.Things. It removes up to 12 things in a
// transaction.
func (s *Store) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	named := carry.ByKind(things)
	lines, unnamed := carry.Numbers(named[store.ThingLine])
	if err := s.begin(ctx, cmp.Or(store.CheckThings(tenant, things), unnamed)); err != nil {
		return err
	}
	for kind := store.ThingChat; kind < store.ThingLine; kind++ {
		n := thingsRemoved
		if kind == store.ThingDeliveries {
			n = 1
		}
		for names := range slices.Chunk(named[kind], n) {
			err := s.change(ctx, false, func(t *tx) error {
				for _, name := range names {
					t.removeThing(tenant, kind, name)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	for some := range slices.Chunk(lines, thingsRemoved) {
		err := s.change(ctx, false, func(t *tx) error {
			for _, number := range some {
				for _, kind := range []string{kindUse, kindState} {
					t.clear(t.s.keyOfLine(kind, tenant, number))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// clear removes a key if it exists.
func (t *tx) clear(key string) {
	if t.get(key).there() {
		t.del(key)
	}
}

func (t *tx) removeThing(tenant string, kind store.ThingKind, name string) {
	switch kind {
	case store.ThingChat:
		if c, m := t.chat(tenant, idFrom(name)); c != nil {
			t.expel(tenant, c, m)
		}
	case store.ThingRecord:
		if r := t.record(tenant, idFrom(name)); r != nil {
			t.dropRecord(tenant, r)
		}
	case store.ThingDeliveries:
		q, marked := t.queue(tenant, idFrom(name))
		if len(q.entries) == 0 {
			return
		}
		for _, e := range slices.Clone(q.entries) {
			t.drop(q, e)
		}
		t.saveQueue(q, marked)
	case store.ThingConsent:
		person, _ := recipients.KeyFromBytes([]byte(name)) // CheckThings has checked it
		t.clear(t.s.keyOfConsent(tenant, person))
	case store.ThingNote:
		n := t.note(tenant, name)
		if n.Name == "" {
			return
		}
		t.del(t.s.keyOfNote(tenant, name))
		if n.OfMessage {
			t.unlist(tenant, &n)
		}
	}
}

// idFrom returns the id that a checked name holds.
func idFrom(name string) uuid.UUID { return uuid.UUID([]byte(name)) }
