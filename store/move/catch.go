package move

import (
	"context"
	"maps"
	"slices"

	"github.com/fromline/fromline/store"
)

// differing reads all of the tenant but lines from one of the stores, and
// returns the things that differ from f.held.
func (f *Following) differing(ctx context.Context, s store.Store) (map[store.Thing]bool, error) {
	f.scan++
	differ, several := make(map[store.Thing]bool), make(map[store.Thing]held)
	done := 0
	meet := func(name store.Thing, h held) {
		known, is := f.held[name]
		if !is || known.sum != h.sum {
			differ[name] = true
		}
		if is {
			known.scan = f.scan
			f.held[name] = known
		}
	}
	for item, err := range s.ExportTenant(ctx, f.tenant) {
		if err != nil {
			return nil, err
		}
		name := store.ThingOf(&item)
		if name.Kind == store.ThingLine {
			continue
		}
		if done++; done%pageSize == 0 {
			if err := f.told(ctx, Progress{Comparing, done, max(done, f.items)}); err != nil {
				return nil, err
			}
		}
		switch name.Kind {
		case store.ThingDeliveries: // one thing of several items
			h := several[name]
			h.add(&item)
			several[name] = h
		default:
			var h held
			h.add(&item)
			meet(name, h)
		}
	}
	for name, h := range several {
		meet(name, h)
	}
	for name, h := range f.held {
		if h.scan != f.scan {
			differ[name] = true
		}
	}
	return differ, nil
}

// told reports progress. It also empties the list of changes: a store may list
// a change for a short time only.
func (f *Following) told(ctx context.Context, p Progress) error {
	f.progress(p)
	return f.drain(ctx)
}

// drain moves the list of changes into f.redo.
func (f *Following) drain(ctx context.Context) error {
	if f.lister == nil {
		return nil
	}
	for {
		changes, err := f.lister.Changes(ctx, f.tenant, f.list, 0)
		if err != nil {
			return err
		}
		for _, c := range changes {
			f.redo[c.Thing] = true
		}
		if len(changes) == 0 {
			return nil
		}
		if err := f.lister.DropChanges(ctx, f.tenant, f.list, changes); err != nil {
			return err
		}
		if len(changes) < store.MaxPage {
			return nil
		}
	}
}

// Catch copies the things that changed since the last call, and returns their
// number. If the first store is no store.ChangeLister, Catch reads the whole
// tenant. The error is that of a store; call Catch again after it.
func (f *Following) Catch(ctx context.Context) (things int, err error) {
	if f.lister == nil {
		differ, err := f.differing(ctx, f.from)
		if err != nil {
			return 0, err
		}
		maps.Copy(f.redo, differ)
	} else if err := f.drain(ctx); err != nil {
		return 0, err
	}
	names := slices.Collect(maps.Keys(f.redo))
	return len(names), f.carry(ctx, names)
}

// carry makes some things of the other store what they are in the first one
// now, reads them back and compares them. Things that still differ stay in
// f.redo.
func (f *Following) carry(ctx context.Context, names []store.Thing) error {
	done := 0
	for some := range slices.Chunk(names, pageSize) {
		items, err := f.from.Things(ctx, f.tenant, some)
		if err != nil {
			return err
		}
		if err := f.to.RemoveThings(ctx, f.tenant, some); err != nil {
			return err
		}
		for page := range slices.Chunk(items, pageSize) {
			n, err := f.to.Import(ctx, page)
			if err != nil {
				return err
			}
			f.changed += n
		}
		back, err := f.to.Things(ctx, f.tenant, some)
		if err != nil {
			return err
		}
		were, are := sums(items), sums(back)
		for _, name := range some {
			if were[name] != are[name] {
				f.redo[name] = true
				continue
			}
			delete(f.redo, name)
			if h, is := were[name]; is {
				h.scan = f.scan
				f.held[name] = h
			} else {
				delete(f.held, name)
			}
		}
		done += len(some)
		f.progress(Progress{CatchingUp, done, len(names)})
	}
	return nil
}

func sums(items []store.Item) map[store.Thing]held {
	all := make(map[store.Thing]held)
	for i := range items {
		name := store.ThingOf(&items[i])
		h := all[name]
		h.add(&items[i])
		all[name] = h
	}
	return all
}
