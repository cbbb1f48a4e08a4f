package etcd

import (
	"context"
	"fmt"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/store"
)

// RemoveTenant implements store.TenantRemover. It removes a thousand keys at a
// time. It removes the keys that begin with a time first, as it finds them by
// the others.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	for _, kind := range []string{kindMessage, kindKey} {
		if err := s.removeExpiries(ctx, tenant, s.ofTenant(kind, tenant)); err != nil {
			return err
		}
	}
	for kind, head := range map[string]int{kindDue: 16, kindOldest: 8} { // only waiting deliveries are there
		if err := s.removeTimed(ctx, tenant, s.of(kind), head); err != nil {
			return err
		}
	}
	for _, kinds := range [][]string{ // those of a group go together, so that Count tells how much is left
		{kindQueue, kindContent, kindParked, kindDoomed}, {kindNoted, kindNote}, {kindKey, kindMessage}, {kindForgot}, {kindConsent},
		{kindOnLine, kindPerson, kindEmptied, kindPlace, kindSet}, {kindUse, kindState, kindList},
	} {
		var prefixes []string
		for _, kind := range kinds {
			prefixes = append(prefixes, s.ofTenant(kind, tenant))
		}
		if err := s.removeAll(ctx, prefixes); err != nil {
			return err
		}
	}
	return nil
}

// removeExpiries removes the expiry keys of records.
func (s *Store) removeExpiries(ctx context.Context, tenant, prefix string) error {
	var keys []string
	err := s.walk(ctx, prefix, func(_ string, b []byte, revision int64) error {
		r, _, err := readRecord(value{b, revision})
		if err != nil || r == nil { // Purge removes the expiry key of a record that cannot be read
			return nil
		}
		if keys = append(keys, s.keyAt(kindExpiry, micros(r.KeepUntil), tenant, r.MessageID)); len(keys) < s.o.MaxTxnOps {
			return nil
		}
		err = s.removeKeys(ctx, keys)
		keys = nil
		return err
	})
	if err != nil {
		return err
	}
	return s.removeKeys(ctx, keys)
}

// removeTimed removes the keys of a tenant among those that begin with times.
// head is the number of bytes before the tenant.
func (s *Store) removeTimed(ctx context.Context, tenant, prefix string, head int) error {
	var keys []string
	err := s.walk(ctx, prefix, func(key string, _ []byte, _ int64) error {
		if rest := key[len(prefix):]; len(rest) < head || !strings.HasPrefix(rest[head:], tenant+"\x00") {
			return nil
		}
		if keys = append(keys, key); len(keys) < s.o.MaxTxnOps {
			return nil
		}
		err := s.removeKeys(ctx, keys)
		keys = nil
		return err
	})
	if err != nil {
		return err
	}
	return s.removeKeys(ctx, keys)
}

// removeKeys removes keys in one transaction.
func (s *Store) removeKeys(ctx context.Context, keys []string) error {
	var removals []clientv3.Op
	for _, key := range distinct(keys) {
		removals = append(removals, clientv3.OpDelete(key))
	}
	if len(removals) == 0 {
		return nil
	}
	return s.remove(ctx, removals)
}

// removeAll removes all keys with some prefixes: a page of each in turn.
func (s *Store) removeAll(ctx context.Context, prefixes []string) error {
	for len(prefixes) > 0 {
		var unfinished []string
		for _, prefix := range prefixes {
			more, err := s.removePage(ctx, prefix)
			if err != nil {
				return err
			}
			if more {
				unfinished = append(unfinished, prefix)
			}
		}
		prefixes = unfinished
	}
	return nil
}

// removePage removes a page of the keys with a prefix, and says whether there
// may be more of them.
func (s *Store) removePage(ctx context.Context, prefix string) (more bool, err error) {
	answer, err := s.get(ctx, prefix, clientv3.WithRange(end(prefix)), clientv3.WithLimit(store.MaxPage), clientv3.WithKeysOnly())
	if err != nil || len(answer.Kvs) == 0 {
		return false, err
	}
	for _, kv := range answer.Kvs {
		s.cache.drop(string(kv.Key))
	}
	last := string(answer.Kvs[len(answer.Kvs)-1].Key)
	return true, s.remove(ctx, []clientv3.Op{clientv3.OpDelete(prefix, clientv3.WithRange(last+"\x00"))})
}

// remove sends removals. Sending them twice is harmless.
func (s *Store) remove(ctx context.Context, removals []clientv3.Op) error {
	_, _, err := s.send(ctx, nil, removals, nil, func(*clientv3.TxnResponse) bool { return true })
	if err != nil {
		return fmt.Errorf("etcd: some of the tenant may be removed: %w", err)
	}
	return nil
}
