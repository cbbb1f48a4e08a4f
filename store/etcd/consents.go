package etcd

import (
	"cmp"
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

func (s *Store) keyOfConsent(tenant string, name recipients.Key) string {
	b := name.Bytes()
	return s.ofTenant(kindConsent, tenant) + string(b[:])
}

// ChangeConsent implements store.Consents.
func (s *Store) ChangeConsent(
	ctx context.Context, tenant string, person recipients.Handle, w store.ConsentChange,
) (kept store.Consent, applied bool, err error) {
	name, unnamed := people.Name(person)
	if err := s.begin(ctx, cmp.Or(store.CheckConsent(tenant, person, w), unnamed, store.CheckAhead(s.o.Clock(), w.At))); err != nil {
		return store.Consent{}, false, err
	}
	err = s.change(ctx, true, func(t *tx) error {
		c, err := readConsent(name, t.get(s.keyOfConsent(tenant, name)))
		t.damage(store.UnreadableConsent, tenant, store.UnreadablePerson, err)
		c.Name, c.Person = name, person
		if kept, applied = c.Change(w); applied {
			t.saveConsent(tenant, &kept)
		}
		return nil
	})
	if err != nil {
		return store.Consent{}, false, err
	}
	return kept, applied, nil
}

// forgetConsent removes the consent of a person, except for the part that
// store.Consent.Forgotten keeps.
func (s *Store) forgetConsent(ctx context.Context, tenant string, name recipients.Key) error {
	key := s.keyOfConsent(tenant, name)
	return s.change(ctx, true, func(t *tx) error {
		v := t.get(key)
		if !v.there() {
			return nil
		}
		c, err := readConsent(name, v)
		t.damage(store.UnreadableConsent, tenant, store.UnreadablePerson, err)
		if c, left := c.Forgotten(); left {
			t.saveConsent(tenant, &c)
		} else {
			t.del(key)
		}
		return nil
	})
}

// Consents implements store.Consents. A page is of one moment.
func (s *Store) Consents(
	ctx context.Context, tenant string, after recipients.Key, limit int,
) (consents []store.Consent, next recipients.Key, err error) {
	limit, err = checkPage(tenant, limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, next, err
	}
	prefix := s.ofTenant(kindConsent, tenant)
	from := prefix
	if after != (recipients.Key{}) {
		from = s.keyOfConsent(tenant, after) + "\x00"
	}
	answer, err := s.get(ctx, from, clientv3.WithRange(end(prefix)), clientv3.WithLimit(int64(limit)))
	if err != nil {
		return nil, next, err
	}
	for _, kv := range answer.Kvs {
		name, err := recipients.KeyFromBytes(kv.Key[len(prefix):])
		if err != nil {
			return nil, next, fmt.Errorf("etcd: %w", err)
		}
		if answer.More {
			next = name
		}
		c, err := readConsent(name, value{kv.Value, kv.ModRevision})
		if err != nil {
			_ = s.aside.Add(store.UnreadableConsent, tenant, store.UnreadablePerson, err)
			continue
		}
		consents = append(consents, c)
	}
	return consents, next, nil
}

func (s *Store) exportConsents(ctx context.Context, only string, yield func(store.Item, error) bool) error {
	return s.walk(ctx, s.ofAll(kindConsent, only), func(key string, b []byte, revision int64) error {
		rest := key[len(s.of(kindConsent)):]
		name, err := recipients.KeyFromBytes([]byte(rest[max(0, len(rest)-32):]))
		if err != nil {
			return fmt.Errorf("etcd: %w", err)
		}
		item := store.Item{Tenant: rest[:len(rest)-33]}
		c, err := readConsent(name, value{b, revision})
		if err != nil {
			return more(yield(item, s.aside.Add(store.UnreadableConsent, item.Tenant, store.UnreadablePerson, err)))
		}
		item.Consent = &c
		return more(yield(item, nil))
	})
}

// standing returns the standing of the people of a look-up.
func (s *Store) standing(tenant string, names []recipients.Key, keys []string, now map[string]value) ([]store.Standing, error) {
	if len(names) == 0 {
		return nil, nil
	}
	all := make([]store.Standing, len(names))
	for i, name := range names {
		c, err := readConsent(name, now[keys[i]])
		if err != nil {
			return nil, fmt.Errorf("etcd: %w", s.aside.Add(store.UnreadableConsent, tenant, store.UnreadablePerson, err))
		}
		all[i] = c.Standing()
	}
	return all, nil
}

// The flags of a consent.
const (
	consentOptedOut = 1 << iota
	consentBlocked
	consentAllowed
)

func (t *tx) saveConsent(tenant string, c *store.Consent) {
	w := newWriter()
	var flags byte
	for bit, set := range map[byte]bool{consentOptedOut: c.OptedOut, consentBlocked: c.Blocked, consentAllowed: c.Allowed} {
		if set {
			flags |= bit
		}
	}
	w.byte(flags)
	w.int(packed.Time(c.OptedAt))
	w.int(packed.Time(c.BlockedAt))
	w.bytes([]byte(c.Reason))
	w.bytes([]byte(c.Person.String()))
	t.put(t.s.keyOfConsent(tenant, c.Name), w)
}

func readConsent(name recipients.Key, v value) (c store.Consent, err error) {
	if !v.there() {
		return c, nil
	}
	r := newReader(v.bytes)
	flags := r.byte()
	c = store.Consent{
		Name: name, OptedOut: flags&consentOptedOut != 0, Blocked: flags&consentBlocked != 0, Allowed: flags&consentAllowed != 0,
		OptedAt: packed.ReadTime(r.int()), BlockedAt: packed.ReadTime(r.int()), Reason: string(r.bytes()),
	}
	if person := r.bytes(); len(person) > 0 {
		if err := c.Person.UnmarshalText(person); err != nil {
			r.fail("a person cannot be read")
		}
	}
	return c, r.end()
}
