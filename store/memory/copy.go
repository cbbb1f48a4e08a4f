package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// Count implements store.Copier.
func (s *Store) Count(ctx context.Context, tenant string) (items int, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	s.number()
	wanted := func(name string) bool { return tenant == "" || name == tenant }
	for _, lines := range [][]*account{s.states.lines, s.uses.lines} {
		for _, l := range lines {
			if wanted(l.use.Tenant) {
				items++
			}
		}
	}
	for d := range s.doomed {
		if wanted(d.tenant.name) {
			items--
		}
	}
	for _, t := range s.tenants {
		if wanted(t.name) {
			items += len(t.chats) + len(t.messages) + len(t.deliveries) + len(t.consents) + len(t.notes)
		}
	}
	return items, nil
}

// Export implements store.Copier. It yields what there was when it began, unless
// that is gone, as it is when its turn comes.
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

// export yields what there is of a tenant, or of all if it is empty.
func (s *Store) export(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		if !carry.Lines(ctx, s, carry.Wanted(tenant, yield)) {
			return
		}
		things, err := s.things(ctx, tenant)
		if err != nil {
			yield(store.Item{}, err)
			return
		}
		for page := range slices.Chunk(things, store.MaxPage) {
			items, err := s.items(ctx, page)
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				yield(store.Item{}, err)
				return
			}
		}
	}
}

// thing returns an item as it is now, and none of a thing that is gone.
type thing func() (item store.Item, there bool, err error)

// things returns all chats, records, deliveries and consents, of one tenant unless
// it is empty.
func (s *Store) things(ctx context.Context, only string) ([]thing, error) {
	if err := s.begin(ctx, nil); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var all []thing
	var deliveries []*delivery
	for _, t := range s.tenants {
		if only != "" && t.name != only {
			continue
		}
		for id := range t.chats {
			all = append(all, func() (store.Item, bool, error) { return t.exportChat(id) })
		}
		for id := range t.messages {
			all = append(all, func() (store.Item, bool, error) { return t.exportRecord(id) })
		}
		for _, d := range t.deliveries {
			deliveries = append(deliveries, d)
		}
		for name := range t.consents {
			all = append(all, func() (store.Item, bool, error) {
				c, there := t.consents[name]
				return store.Item{Tenant: t.name, Consent: &c}, there, nil
			})
		}
		for name := range t.notes {
			all = append(all, func() (store.Item, bool, error) {
				n := t.notes[name]
				if n == nil {
					return store.Item{}, false, nil
				}
				return store.Item{Tenant: t.name, Note: new(ownNote(n))}, true, nil
			})
		}
	}
	slices.SortFunc(deliveries, func(a, b *delivery) int { return cmp.Compare(a.commit, b.commit) })
	for _, d := range deliveries {
		all = append(all, func() (store.Item, bool, error) {
			item := store.Item{Tenant: d.tenant.name, Delivery: d.copied()}
			return item, d.tenant.deliveries[d.MessageID] == d && !s.doomed[d], nil
		})
	}
	return all, nil
}

// copied returns a delivery with how it stands.
func (d *delivery) copied() *store.CopiedDelivery {
	return &store.CopiedDelivery{
		Delivery: handedOver(d.Delivery), At: d.at, Attempts: d.attempts, Parked: d.queue == nil,
		Why: d.why, Leave: d.leave, Due: d.notUntil,
	}
}

// items returns the items of some things.
func (s *Store) items(ctx context.Context, things []thing) (items []store.Item, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	for _, thing := range things {
		item, there, err := thing()
		if err != nil {
			return items, fmt.Errorf("memory: %w", err)
		}
		if there {
			items = append(items, item)
		}
	}
	return items, nil
}

func (t *tenant) exportChat(id uuid.UUID) (store.Item, bool, error) {
	c := t.chats[id]
	if c == nil {
		return store.Item{}, false, nil
	}
	copied := &store.CopiedChat{Chat: c.view()}
	var err error
	if c.more != nil {
		copied.Past, err = carry.Past(c.more.past, copied.Roster.Set())
	}
	return store.Item{Tenant: t.name, Chat: copied}, true, err
}

func (t *tenant) exportRecord(id uuid.UUID) (store.Item, bool, error) {
	r := t.messages[id]
	if r == nil {
		return store.Item{}, false, nil
	}
	v, err := r.unpack()
	return store.Item{Tenant: t.name, Record: v}, true, err
}

// Import implements store.Copier.
func (s *Store) Import(ctx context.Context, items []store.Item) (changed int, err error) {
	if err := s.begin(ctx, store.CheckItems(items)); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	if s.records+s.lacking(items) > s.maxRecords {
		return 0, s.full()
	}
	for i := range items {
		if s.importOne(s.writable(items[i].Tenant), &items[i]) {
			changed++
		}
	}
	return changed, nil
}

// lacking counts the records that the store does not have.
func (s *Store) lacking(items []store.Item) (n int) {
	for i := range items {
		if r := items[i].Record; r != nil && !s.tenant(items[i].Tenant).has(r) {
			n++
		}
	}
	return n
}

// has says whether there is a record of that message or key.
func (t *tenant) has(r *store.Record) bool {
	return t.messages[r.MessageID] != nil || r.Key != "" && t.keys[r.Key] != nil
}

// importOne keeps an item unless it is there, and says whether anything changed.
func (s *Store) importOne(t *tenant, item *store.Item) bool {
	switch {
	case item.State != nil:
		l := t.line(item.State.Number)
		before := l.state.Change
		said := store.CutState(*item.State)
		s.learn(t.name, said.Number, func(kept line.State) line.State {
			kept, _ = kept.Merge(said)
			return kept
		})
		return l.state.Change != before
	case item.Use != nil:
		l := t.line(item.Use.Number)
		if l.stale || l.use.Change > 0 {
			return false
		}
		l.use = *item.Use
		l.use.Change = 0
		s.count(l, 0, 0)
	case item.Chat != nil:
		if t.chats[item.Chat.ID] != nil {
			return false
		}
		s.importChat(t, item.Chat)
	case item.Record != nil:
		if t.has(item.Record) {
			return false
		}
		s.keep(t, t.chats[item.Record.ChatID], item.Record)
	case item.Consent != nil:
		if _, there := t.consents[item.Consent.Name]; there {
			return false
		}
		t.consents[item.Consent.Name] = item.Consent.Cut()
	case item.Note != nil:
		if t.notes[item.Note.Name] != nil {
			return false
		}
		t.keepNote(ownNote(item.Note))
	default:
		if t.deliveries[item.Delivery.MessageID] != nil {
			return false
		}
		s.importDelivery(t, item.Delivery)
	}
	return true
}

func (s *Store) importChat(t *tenant, from *store.CopiedChat) {
	c := &chat{
		id: from.ID, line: t.line(from.Line), service: from.Service, named: from.Named, left: from.LineLeft,
		created: from.CreatedAt.UnixMicro(), active: from.ActiveAt.UnixMicro(),
	}
	people := from.Roster.Set()
	together := from.Roster.Equal(store.NewRoster(people, fromMicros(c.created)))
	if !carry.Matches(from) || !together || len(from.Past) > 0 || from.Successor != uuid.Nil {
		c.more = &more{roster: from.Roster, past: slices.Clone(from.Past)}
		if from.Successor != uuid.Nil {
			c.more.successor, c.more.succeededAt = from.Successor, from.SucceededAt.UnixMicro()
		}
	}
	t.chats[c.id] = c
	c.line.chats.Set(c)
	if carry.Matches(from) {
		s.join(t, c, people)
	}
}

func (s *Store) importDelivery(t *tenant, from *store.CopiedDelivery) {
	d := s.enqueue(t, &from.Delivery, store.Micros(from.At), store.Micros(from.Due))
	d.attempts, d.why, d.leave = from.Attempts, from.Why, from.Leave
	if from.Parked {
		s.park(d)
	}
}
