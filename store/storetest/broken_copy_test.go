package storetest_test

import (
	"context"
	"iter"
	"slices"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// copier is a store that is exported or imported wrongly.
type copier struct {
	*memory.Store
	leaves   func(store.Item) bool // items that it does not export
	goesOn   bool                  // it yields more after the caller has stopped
	ofAll    bool                  // it exports all tenants for one
	allCount bool                  // it counts all tenants for one
	noCheck  bool                  // it counts nothing of an invalid tenant
	changes  func([]store.Item)    // changes items before it imports them
	oneByOne bool                  // it imports each item alone
	boasts   bool                  // it reports every item as changed
}

func (c copier) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for item, err := range c.Store.Export(ctx) {
			if err == nil && c.leaves != nil && c.leaves(item) {
				continue
			}
			if !yield(item, err) && !c.goesOn {
				return
			}
		}
	}
}

func (c copier) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	if c.ofAll && tenant != "" {
		return c.Store.Export(ctx)
	}
	return c.Store.ExportTenant(ctx, tenant)
}

func (c copier) Count(ctx context.Context, tenant string) (int, error) {
	if c.allCount {
		tenant = ""
	}
	if c.noCheck && store.CheckCounted(tenant) != nil {
		return 0, nil
	}
	return c.Store.Count(ctx, tenant)
}

func (c copier) Import(ctx context.Context, items []store.Item) (changed int, err error) {
	items = slices.Clone(items)
	if c.changes != nil {
		c.changes(items)
	}
	if !c.oneByOne {
		changed, err = c.Store.Import(ctx, items)
	}
	for i := 0; c.oneByOne && i < len(items) && err == nil; i++ {
		var n int
		n, err = c.Store.Import(ctx, items[i:i+1])
		changed += n
	}
	if c.boasts && err == nil {
		changed = len(items)
	}
	return changed, err
}

var copyFaults = []fault{
	{"copy/everything, once", "exports no chat that the line left", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, leaves: func(i store.Item) bool { return i.Chat != nil && i.Chat.LineLeft }}
	}},
	{"copy/everything, once", "counts what is others'", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, allCount: true}
	}},
	{"copy/one tenant", "exports what is others'", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, ofAll: true}
	}},
	{"copy/one tenant", "counts an invalid tenant", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, noCheck: true}
	}},
	{"copy/more than a page", "exports one page", func(s *memory.Store) store.ChatStore {
		n := 0
		return copier{Store: s, leaves: func(store.Item) bool { n++; return n > store.MaxPage }}
	}},
	{"copy/an export that ends early", "exports to the end whatever happens", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, goesOn: true}
	}},
	{"copy/what was imported answers as it did", "forgets who took part", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, changes: func(items []store.Item) {
			for i := range items {
				if chat := items[i].Chat; chat != nil {
					items[i].Chat = &store.CopiedChat{Chat: chat.Chat}
				}
			}
		}}
	}},
	{"copy/deliveries as they stood", "makes all deliveries due", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, changes: func(items []store.Item) {
			for i := range items {
				if d := items[i].Delivery; d != nil {
					items[i].Delivery = &store.CopiedDelivery{Delivery: d.Delivery, At: d.At, Attempts: d.Attempts, Parked: d.Parked}
				}
			}
		}}
	}},
	{"copy/what is there stays", "says that everything changed", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, boasts: true}
	}},
	{"copy/all of the items or none", "keeps the items before one that is refused", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, oneByOne: true}
	}},
	{"copy/a full store takes none of them", "keeps items until it is full", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, oneByOne: true}
	}},
}
