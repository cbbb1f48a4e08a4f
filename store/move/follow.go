package move

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
)

// Following copies a tenant from one store to another while programs write to
// the first. First it copies everything, then it copies the changes, as often
// as it is asked to. It takes about a hundred bytes of memory for each thing.
// It is not safe for concurrent use. Make one with Follow.
type Following struct {
	from, to store.Store
	lister   store.ChangeLister // nil: the first store lists no changes
	list     uuid.UUID
	tenant   string
	progress func(Progress)

	held    map[store.Thing]held // things of the other store, as last read from either store
	redo    map[store.Thing]bool // things that may differ
	items   int                  // how many copyAll copied
	scan    uint32               // the number of the last scan
	samples samples
	changed int
}

// held is a digest of one thing.
type held struct {
	sum   [16]byte
	items uint32
	scan  uint32 // the last scan that read the thing
}

// add adds an item of the thing to the digest.
func (h *held) add(item *store.Item) (digest [sha256.Size]byte) {
	item = withoutCounts(item)
	digest = sha256.Sum256(append(h.sum[:], packed.Item(item)...))
	h.sum = [16]byte(digest[:])
	h.items++
	return digest
}

// Follow returns a Following of a tenant. No other program may write about the
// tenant to the other store. Each call reports to progress now and then, unless
// it is nil; progress must return soon.
func Follow(from, to store.Store, tenant string, progress func(Progress)) *Following {
	f := &Following{from: from, to: to, tenant: tenant, progress: progress, redo: make(map[store.Thing]bool)}
	f.lister, _ = from.(store.ChangeLister)
	if f.progress == nil {
		f.progress = func(Progress) {}
	}
	return f
}

// Copy copies everything but lines. Then it compares everything that the other
// store has, mends differences, and removes the things that the first store
// does not have. At the end it reads the first store once more, to make sure
// that the list of changes is complete. The error is that of a store, or wraps
// store.ErrNotWritten if the list was not complete. You may call Copy again
// after an error.
func (f *Following) Copy(ctx context.Context) error {
	if f.lister != nil {
		f.list = uuid.New()
		if err := f.lister.ListChanges(ctx, f.tenant, f.list); err != nil {
			return err
		}
	}
	if err := f.copyAll(ctx); err != nil {
		return err
	}
	differ, err := f.differing(ctx, f.to)
	if err != nil {
		return err
	}
	maps.Copy(f.redo, differ)
	if _, err := f.Catch(ctx); err != nil || f.lister == nil {
		return err
	}
	if differ, err = f.differing(ctx, f.from); err != nil {
		return err
	}
	if err := f.drain(ctx); err != nil {
		return err
	}
	for name := range differ {
		if !f.redo[name] {
			return fmt.Errorf("%w: the store did not list that a %v changed", store.ErrNotWritten, name)
		}
	}
	return nil
}

func (f *Following) copyAll(ctx context.Context) error {
	f.held, f.items, f.samples, f.changed = make(map[store.Thing]held), 0, samples{}, 0
	total, err := f.from.Count(ctx, f.tenant)
	if err != nil {
		return err
	}
	done := 0
	page := make([]store.Item, 0, pageSize)
	flush := func() error {
		n, err := f.to.Import(ctx, page)
		if err != nil {
			return err
		}
		f.changed += n
		f.items += len(page)
		page = page[:0]
		return f.told(ctx, Progress{Copying, done, max(done, total)})
	}
	for item, err := range f.from.ExportTenant(ctx, f.tenant) {
		if err != nil {
			return err
		}
		done++
		name := store.ThingOf(&item)
		if name.Kind == store.ThingLine {
			continue
		}
		h := f.held[name]
		f.samples.add(&item, h.add(&item))
		f.held[name] = h
		if page = append(page, item); len(page) == pageSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// rounds is how often Finish carries things that still differ: one thing may
// replace another that has to go first.
const rounds = 4

// lastSamples is the largest number of look-ups that Finish compares.
const lastSamples = 50

// Finish copies the last changes and the lines. Call it when no program writes
// about the tenant any more, except for counts of messages. Without an error
// the two stores then hold the same of the tenant: Copy compared everything,
// Catch and Finish compared each later change, and both stores answered some
// look-ups alike. If they differ, the error is a *DifferentError; any other
// error is that of a store. Call Finish again after an error.
func (f *Following) Finish(ctx context.Context) (result Result, err error) {
	if err := f.carryLines(ctx); err != nil {
		return result, err
	}
	if err := f.catchAll(ctx); err != nil {
		return result, err
	}
	result, err = f.ask(ctx)
	// A purge of one of the stores may have come between.
	if _, is := errors.AsType[*DifferentError](err); is {
		differ, failed := f.differing(ctx, f.to)
		if failed != nil {
			return result, failed
		}
		maps.Copy(f.redo, differ)
		if err := f.catchAll(ctx); err != nil {
			return result, err
		}
		result, err = f.ask(ctx)
	}
	if err != nil {
		return result, err
	}
	result.Changed = f.changed
	for name, h := range f.held {
		result.Items[kindOfThing(name.Kind)] += int(h.items)
	}
	return result, nil
}

// catchAll carries changes until both stores hold the same.
func (f *Following) catchAll(ctx context.Context) error {
	for range rounds {
		if _, err := f.Catch(ctx); err != nil {
			return err
		}
		if len(f.redo) == 0 {
			return nil
		}
	}
	for name := range f.redo {
		n := int(f.held[name].items)
		return &DifferentError{Tenant: f.tenant, Kind: kindOfThing(name.Kind), From: n, To: n}
	}
	return nil
}

// ask asks both stores some of the look-ups that Copy chose.
func (f *Following) ask(ctx context.Context) (Result, error) {
	c := &copying{from: f.from, to: f.to, samples: f.samples}
	c.samples.kept = c.samples.kept[:min(len(c.samples.kept), lastSamples)]
	err := c.ask(ctx)
	return c.result, err
}

// carryLines carries the use and states of the tenant's lines. It reads the
// lines of both stores.
func (f *Following) carryLines(ctx context.Context) error {
	lines := make(map[store.Thing]bool)
	for _, s := range []store.Store{f.from, f.to} {
		var failed error
		carry.Lines(ctx, s, carry.Wanted(f.tenant, func(item store.Item, err error) bool {
			if failed = errors.Join(failed, err); err == nil {
				lines[store.ThingOf(&item)] = true
			}
			return err == nil
		}))
		if failed != nil {
			return failed
		}
	}
	return f.carry(ctx, slices.Collect(maps.Keys(lines)))
}

// Stop ends the list of changes in the first store. Call it if you do not call
// Finish. The error is that of the store.
func (f *Following) Stop(ctx context.Context) error {
	if f.lister == nil || f.list == uuid.Nil {
		return nil
	}
	return f.lister.ListChanges(ctx, f.tenant, uuid.Nil)
}

func kindOfThing(k store.ThingKind) Kind {
	switch k {
	case store.ThingChat:
		return Chats
	case store.ThingRecord:
		return Records
	case store.ThingDeliveries:
		return Deliveries
	case store.ThingConsent:
		return Consents
	case store.ThingNote:
		return Notes
	}
	return LineUses
}
