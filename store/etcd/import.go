package etcd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// imported is the largest number of items in one transaction.
const imported = 12

// Import implements store.Copier. It checks all items before it keeps the
// first. It keeps a few at a time: if the cluster fails in between, the outcome
// is unknown, and you may import the same items again.
func (s *Store) Import(ctx context.Context, items []store.Item) (changed int, err error) {
	if err := s.begin(ctx, cmp.Or(store.CheckItems(items), s.room())); err != nil {
		return 0, err
	}
	for done := 0; done < len(items); {
		n, some := 0, 0
		err := s.change(ctx, false, func(t *tx) error {
			n, some = 0, 0
			for i := range items[done:min(done+imported, len(items))] {
				part := t.sub()
				changes := part.importOne(&items[done+i])
				if part.damaged != nil {
					return part.damaged
				}
				ops, bytes := part.size()
				allOps, allBytes := t.size()
				if i > 0 && (ops+allOps > s.o.MaxTxnOps || bytes+allBytes > s.o.MaxRequestBytes || len(t.reads) > s.o.MaxTxnOps) {
					break
				}
				part.merge()
				n++
				if changes {
					some++
				}
			}
			return nil
		})
		if err != nil {
			if done > 0 {
				err = fmt.Errorf("etcd: some of the items are kept: %v", err)
			}
			return 0, err
		}
		done += n
		changed += some
	}
	return changed, nil
}

// importOne keeps an item unless the store has it, and reports whether it
// changed anything.
func (t *tx) importOne(item *store.Item) bool {
	tenant := item.Tenant
	switch {
	case item.State != nil:
		said := store.CutState(*item.State)
		_, changed, _ := t.learn(tenant, said.Number, func(kept line.State) line.State {
			kept, _ = kept.Merge(said)
			return kept
		})
		return changed
	case item.Use != nil:
		if t.get(t.s.keyOfLine(kindUse, tenant, item.Use.Number)).there() {
			return false
		}
		u := *item.Use
		t.saveUse(&u)
	case item.Chat != nil:
		if c, _ := t.chat(tenant, item.Chat.ID); c != nil {
			return false
		}
		t.admit(tenant, cut(item.Chat))
	case item.Record != nil:
		if t.hasRecord(tenant, item.Record) {
			return false
		}
		t.keepRecord(tenant, item.Record)
	case item.Consent != nil:
		if t.get(t.s.keyOfConsent(tenant, item.Consent.Name)).there() {
			return false
		}
		c := item.Consent.Cut()
		t.saveConsent(tenant, &c)
	case item.Note != nil:
		if t.get(t.s.keyOfNote(tenant, item.Note.Name)).there() {
			return false
		}
		t.saveNote(tenant, item.Note)
	default:
		d := item.Delivery
		if t.get(t.s.keyOf(kindContent, tenant, d.MessageID)).there() {
			return false
		}
		_, m := t.chat(tenant, d.ChatID)
		t.enqueue(tenant, &d.Delivery, entry{
			message: d.MessageID, at: store.Micros(d.At), attempts: d.Attempts, due: store.Micros(d.Due),
			parked: d.Parked, why: d.Why, leave: d.Leave,
		}, m)
	}
	return true
}

// cut returns a chat whose times have microseconds.
func cut(c *store.CopiedChat) *store.CopiedChat {
	kept := *c
	kept.Past = slices.Clone(c.Past)
	kept.CreatedAt, kept.ActiveAt, kept.SucceededAt = store.Micros(c.CreatedAt), store.Micros(c.ActiveAt), store.Micros(c.SucceededAt)
	return &kept
}
