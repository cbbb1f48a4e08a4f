package etcd

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// Count implements store.Copier. The servers count keys; the store reads none.
func (s *Store) Count(ctx context.Context, tenant string) (items int, err error) {
	if err := s.begin(ctx, store.CheckCounted(tenant)); err != nil {
		return 0, err
	}
	kinds := []string{kindDoomed, kindState, kindUse, kindPlace, kindMessage, kindContent, kindConsent, kindNote}
	var reads []clientv3.Op
	for _, kind := range kinds {
		reads = append(reads, clientv3.OpGet(s.ofAll(kind, tenant), clientv3.WithPrefix(), clientv3.WithCountOnly()))
	}
	answer, err := s.ask(ctx, reads...)
	if err != nil {
		return 0, err
	}
	for i := range kinds {
		if n := int(answer.Responses[i].GetResponseRange().Count); i == 0 {
			items -= n // kindContent counts them, but they are no items
		} else {
			items += n
		}
	}
	return items, nil
}

// Export implements store.Copier. It reads the keys in pages, each of one
// moment.
func (s *Store) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return s.export(ctx, "")
}

// ExportTenant implements store.Copier.
func (s *Store) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	if err := store.CheckTenant(tenant); err != nil {
		return carry.Invalid(err)
	}
	return s.export(ctx, tenant)
}

// export yields the items of a tenant, or of all tenants if it is empty.
func (s *Store) export(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		if err := s.begin(ctx, nil); err != nil {
			yield(store.Item{}, err)
			return
		}
		if !carry.LinePages(ctx, s.statePage, s.usePage, carry.Wanted(tenant, yield)) {
			return
		}
		for _, each := range []func(context.Context, string, func(store.Item, error) bool) error{s.exportChats, s.exportRecords, s.exportDeliveries, s.exportConsents, s.exportNotes} {
			wanted := true
			err := each(ctx, tenant, func(item store.Item, bad error) bool {
				wanted = wanted && yield(item, bad)
				return wanted
			})
			if !wanted {
				return
			}
			if err != nil {
				yield(store.Item{}, err)
				return
			}
		}
	}
}

// errEnough ends a walk before its last key.
var errEnough = fmt.Errorf("etcd: enough")

// more returns errEnough unless more is wanted.
func more(wanted bool) error {
	if wanted {
		return nil
	}
	return errEnough
}

func (s *Store) exportChats(ctx context.Context, only string, yield func(store.Item, error) bool) error {
	names := []string{only}
	if only == "" {
		var err error
		if names, err = s.allTenants(ctx); err != nil {
			return err
		}
	}
	for _, tenant := range names {
		for after := uuid.Nil; ; {
			var bads []*store.UnreadableError
			chats, next, err := s.chatPage(ctx, tenant, s.ofTenant(kindPlace, tenant), after, store.MaxPage,
				func(e *store.UnreadableError) { bads = append(bads, e) })
			if err != nil {
				return err
			}
			for _, bad := range bads {
				if !yield(store.Item{Tenant: tenant}, bad) {
					return errEnough
				}
			}
			for _, c := range chats {
				carry.Sort(c.Past)
				if !yield(store.Item{Tenant: tenant, Chat: c}, nil) {
					return errEnough
				}
			}
			if after = next; next == uuid.Nil {
				break
			}
		}
	}
	return nil
}

func (s *Store) allTenants(ctx context.Context) (all []string, err error) {
	for after := ""; ; {
		names, err := s.tenants(ctx, kindPlace, after, store.MaxPage)
		if err != nil {
			return nil, err
		}
		if all = append(all, names...); len(names) < store.MaxPage {
			return all, nil
		}
		after = names[len(names)-1]
	}
}

func (s *Store) exportRecords(ctx context.Context, only string, yield func(store.Item, error) bool) error {
	for _, kind := range []string{kindMessage, kindKey} {
		err := s.walk(ctx, s.ofAll(kind, only), func(key string, b []byte, revision int64) error {
			tenant, message := tenantAndID(key[len(s.of(kind)):])
			r, _, err := readRecord(value{b, revision})
			switch {
			case err != nil:
				id := message.String()
				if kind == kindKey {
					id = "of an idempotency key"
				}
				return more(yield(store.Item{Tenant: tenant}, s.aside.Add(store.UnreadableRecord, tenant, id, err)))
			case r != nil:
				return more(yield(store.Item{Tenant: tenant, Record: r}, nil))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) exportDeliveries(ctx context.Context, only string, yield func(store.Item, error) bool) error {
	return s.walk(ctx, s.ofAll(kindQueue, only), func(key string, b []byte, revision int64) error {
		tenant, chat := tenantAndID(key[len(s.of(kindQueue)):])
		q, err := readQueue(tenant, chat, value{b, revision})
		if err != nil {
			return more(yield(store.Item{Tenant: tenant}, s.aside.Add(store.UnreadableDelivery, tenant, "of chat "+chat.String(), err)))
		}
		for some := range slices.Chunk(q.entries, s.o.MaxTxnOps) {
			var keys []string
			for _, e := range some {
				keys = append(keys, s.keyOf(kindContent, tenant, e.message))
			}
			now, err := s.read(ctx, keys)
			if err != nil {
				return err
			}
			for i, e := range some {
				if e.doomed {
					continue
				}
				item := store.Item{Tenant: tenant}
				d, err := content(e.message, now[keys[i]])
				switch {
				case err != nil:
					err = s.aside.Add(store.UnreadableDelivery, tenant, e.message.String(), err)
				case d.To.Len() == 0: // settled since the queue was read
					continue
				default:
					item.Delivery = e.copied(d)
				}
				if !yield(item, err) {
					return errEnough
				}
			}
		}
		return nil
	})
}
