package storetest_test

import (
	"context"

	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/memory"
)

// lister is a store that lists changes by comparing everything.
type lister struct {
	*memory.Store
	lists   map[string]*changeList
	leaves  func(store.Thing) bool // things that it does not list
	keeps   bool                   // it keeps dropped changes
	anyList bool                   // it returns the changes of the present list for any id
}

type changeList struct {
	id      uuid.UUID
	were    map[store.Thing]string // the earlier content of each thing
	changes []store.Change
	last    int64
}

func newLister(s *memory.Store) *lister {
	return &lister{Store: s, lists: make(map[string]*changeList)}
}

// now returns the content of each thing of a tenant.
func (l *lister) now(ctx context.Context, tenant string) (map[store.Thing]string, error) {
	all := make(map[store.Thing]string)
	for item, err := range l.ExportTenant(ctx, tenant) {
		if err != nil {
			return nil, err
		}
		all[store.ThingOf(&item)] += string(packed.Item(&item))
	}
	return all, nil
}

func (l *lister) ListChanges(ctx context.Context, tenant string, list uuid.UUID) error {
	were, err := l.now(ctx, tenant)
	delete(l.lists, tenant)
	if err == nil && list != uuid.Nil {
		l.lists[tenant] = &changeList{id: list, were: were}
	}
	return err
}

func (l *lister) find(tenant string, list uuid.UUID) (*changeList, error) {
	if found := l.lists[tenant]; found != nil && (l.anyList || found.id == list) {
		return found, nil
	}
	return nil, store.ErrNoList
}

func (l *lister) Changes(ctx context.Context, tenant string, list uuid.UUID, limit int) ([]store.Change, error) {
	now, err := l.now(ctx, tenant)
	if err != nil {
		return nil, err
	}
	found, err := l.find(tenant, list)
	if err != nil {
		return nil, err
	}
	for name := range now {
		if found.were[name] != now[name] {
			found.add(name, l.leaves)
		}
	}
	for name := range found.were {
		if now[name] == "" {
			found.add(name, l.leaves)
		}
	}
	found.were = now
	if limit == 0 {
		limit = store.MaxPage
	}
	return slices.Clone(found.changes[:min(limit, len(found.changes))]), nil
}

func (c *changeList) add(name store.Thing, leaves func(store.Thing) bool) {
	if leaves != nil && leaves(name) {
		return
	}
	c.last++
	c.changes = append(c.changes, store.Change{Number: c.last, Thing: name})
}

func (l *lister) DropChanges(ctx context.Context, tenant string, list uuid.UUID, changes []store.Change) error {
	found, err := l.find(tenant, list)
	if err == nil && !l.keeps {
		found.changes = slices.DeleteFunc(found.changes, func(c store.Change) bool { return slices.Contains(changes, c) })
	}
	return err
}

// thingly reads or removes single things wrongly.
type thingly struct {
	*memory.Store
	reads   func([]store.Item) []store.Item
	removes func(ctx context.Context, s *memory.Store, tenant string, things []store.Thing) error
}

func (t thingly) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	items, err := t.Store.Things(ctx, tenant, things)
	if t.reads != nil {
		items = t.reads(items)
	}
	return items, err
}

func (t thingly) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	if t.removes != nil {
		return t.removes(ctx, t.Store, tenant, things)
	}
	return t.Store.RemoveThings(ctx, tenant, things)
}

const (
	readThings   = "things/each is read by its name"
	removeThings = "things/each is removed by its name, and imported again"
	listChanges  = "changes/all that differs is listed"
)

var changesFaults = []fault{
	{readThings, "reads the deliveries of a chat in another order", func(s *memory.Store) store.ChatStore {
		return thingly{Store: s, reads: func(items []store.Item) []store.Item {
			slices.Reverse(items)
			return items
		}}
	}},
	{removeThings, "removes nothing by name", func(s *memory.Store) store.ChatStore {
		return thingly{Store: s, removes: func(context.Context, *memory.Store, string, []store.Thing) error { return nil }}
	}},
	{removeThings, "removes the records of a chat with it", func(s *memory.Store) store.ChatStore {
		return thingly{Store: s, removes: func(ctx context.Context, s *memory.Store, tenant string, things []store.Thing) error {
			var also []store.Thing
			for item := range s.ExportTenant(ctx, tenant) {
				if r := item.Record; r != nil && slices.Contains(things, store.Thing{Kind: store.ThingChat, ID: string(r.ChatID[:])}) {
					also = append(also, store.ThingOf(&item))
				}
			}
			return s.RemoveThings(ctx, tenant, append(also, things...))
		}}
	}},
	{removeThings, "keeps how lines were used", func(s *memory.Store) store.ChatStore {
		return thingly{Store: s, removes: func(ctx context.Context, s *memory.Store, tenant string, things []store.Thing) error {
			if err := store.CheckThings(tenant, things); err != nil {
				return err
			}
			return s.RemoveThings(ctx, tenant, slices.DeleteFunc(slices.Clone(things), func(t store.Thing) bool { return t.Kind == store.ThingLine }))
		}}
	}},
	{listChanges, "lists no notes", func(s *memory.Store) store.ChatStore {
		l := newLister(s)
		l.leaves = func(t store.Thing) bool { return t.Kind == store.ThingNote }
		return l
	}},
	{listChanges, "goes on listing what was dropped", func(s *memory.Store) store.ChatStore {
		l := newLister(s)
		l.keeps = true
		return l
	}},
	{listChanges, "reads whatever list there is", func(s *memory.Store) store.ChatStore {
		l := newLister(s)
		l.anyList = true
		return l
	}},
	{"changes/a list that no call names ends", "keeps lists for ever", func(s *memory.Store) store.ChatStore { return newLister(s) }},
}
