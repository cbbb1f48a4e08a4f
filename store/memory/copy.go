package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// Count implements store.Copier.
func (s *Store) Count(ctx context.Context, tenant string) (int, error) {
	return locked(ctx, s, store.CheckCounted(tenant), func() (items int, err error) {
		s.number()
		tenants := s.wanted(tenant)
		for _, t := range tenants {
			items += len(t.chats) + len(t.messages) + len(t.deliveries) + len(t.consents) + len(t.notes)
			for _, l := range t.lines {
				items += len(l.items())
			}
		}
		for d := range s.doomed {
			if tenants[d.tenant.name] != nil {
				items--
			}
		}
		return items, nil
	})
}

// wanted returns a tenant by its name, or all if it is empty.
func (s *Store) wanted(tenant string) map[string]*tenancy {
	if tenant == "" {
		return s.tenants
	}
	return map[string]*tenancy{tenant: s.tenant(tenant)}
}

// Export implements store.Copier. It yields what there was when it began,
// unless that is gone, as it is when its turn comes.
func (s *Store) Export(ctx context.Context) iter.Seq2[store.Item, error] {
	return s.export(ctx, nil, "")
}

// ExportTenant implements store.Copier.
func (s *Store) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return s.export(ctx, store.CheckTenant(tenant), tenant)
}

// export yields what there is of a tenant, or of all if it is empty.
func (s *Store) export(ctx context.Context, invalid error, tenant string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		things, err := locked(ctx, s, invalid, func() ([]thing, error) { return s.everything(tenant), nil })
		for page := range slices.Chunk(things, store.MaxPage) {
			items, failed := locked(ctx, s, nil, func() ([]store.Item, error) { return s.items(page) })
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if err = failed; err != nil {
				break
			}
		}
		if err != nil {
			yield(store.Item{}, err)
		}
	}
}

// everything returns all things of a tenant, or of all if it is empty.
func (s *Store) everything(tenant string) (things []thing) {
	var deliveries []thing
	for _, t := range s.wanted(tenant) {
		things = every(things, t, t.lines)
		things = every(things, t, t.chats)
		things = every(things, t, t.messages)
		things = every(things, t, t.consents)
		things = every(things, t, t.notes)
		deliveries = every(deliveries, t, t.deliveries)
	}
	return append(things, inOrder(deliveries)...)
}

// Import implements store.Copier.
func (s *Store) Import(ctx context.Context, items []store.Item) (int, error) {
	return locked(ctx, s, store.CheckItems(items), func() (changed int, err error) {
		lacking := 0
		for i := range items {
			if r := items[i].Record; r != nil && !s.tenant(items[i].Tenant).has(r) {
				lacking++
			}
		}
		if s.records+lacking > s.maxRecords {
			return 0, s.full()
		}
		for i := range items {
			if s.importOne(s.writable(items[i].Tenant), &items[i]) {
				changed++
			}
		}
		return changed, nil
	})
}

// has says whether there is a record of that message or key.
func (t *tenancy) has(r *store.Record) bool {
	return t.messages[r.MessageID] != nil || r.Key != "" && t.keys[r.Key] != nil
}

// importOne keeps an item unless it is there, and says whether anything
// changed.
func (s *Store) importOne(t *tenancy, item *store.Item) bool {
	switch {
	case item.State != nil:
		l := t.line(item.State.Number)
		before := l.state.Change
		s.merge(l, *item.State)
		return l.state.Change != before
	case item.Use != nil:
		l := t.line(item.Use.Number)
		if l.stale || l.use.Change > 0 {
			return false
		}
		l.use = *item.Use
		l.use.Change = 0
		s.count(l, 0, 0)
	case item.Chat != nil && t.chats[item.Chat.ID] == nil:
		s.importChat(t, item.Chat)
	case item.Record != nil && !t.has(item.Record):
		s.keep(t, t.chats[item.Record.ChatID], item.Record)
	case item.Consent != nil && t.consents[item.Consent.Name] == store.Consent{}:
		t.consents[item.Consent.Name] = item.Consent.Cut()
	case item.Note != nil && t.notes[item.Note.Name].Name == "":
		t.keepNote(ownNote(*item.Note))
	case item.Delivery != nil && t.deliveries[item.Delivery.MessageID] == nil:
		if d := s.enqueue(t, ownDelivery(*item.Delivery)); item.Delivery.Parked {
			s.park(d)
		}
	default:
		return false
	}
	return true
}

func (s *Store) importChat(t *tenancy, from *store.CopiedChat) {
	c := &chat{
		id: from.ID, line: t.line(from.Line), service: from.Service, named: from.Named, left: from.LineLeft,
		created: from.CreatedAt.UnixMicro(), active: from.ActiveAt.UnixMicro(),
	}
	s.admit(t, c, from.Roster.Set())
	together := from.Roster.Equal(store.NewRoster(from.Roster.Set(), from.CreatedAt))
	if c.set == nil || !together || len(from.Past) > 0 || from.Successor != uuid.Nil {
		c.more = &more{
			roster: from.Roster, past: slices.Clone(from.Past), successor: from.Successor, succeededAt: store.Micros(from.SucceededAt),
		}
	}
}

// thing is one thing that a tenant keeps, as it was when it was found: an
// *account, a
// *chat, a *record, a *delivery, a store.Consent or a store.Note.
type thing struct {
	*tenancy
	is any
}

// every appends all that a map of a tenant keeps to some things.
func every[K comparable, V any](things []thing, t *tenancy, kept map[K]V) []thing {
	for _, v := range kept {
		things = append(things, thing{t, v})
	}
	return things
}

// some appends what a map of a tenant keeps under some names to some things.
func some[K comparable, V any](things []thing, t *tenancy, kept map[K]V, names []string, key func(name string) K) []thing {
	for _, name := range names {
		if v, there := kept[key(name)]; there {
			things = append(things, thing{t, v})
		}
	}
	return things
}

// find returns what there is of the things with some names, which were checked.
func (t *tenancy) find(names []store.Thing) (found []thing) {
	id := func(name string) uuid.UUID { return uuid.UUID([]byte(name)) }
	named := carry.ByKind(names)
	found = some(found, t, t.lines, named[store.ThingLine], recipients.MustParse)
	found = some(found, t, t.chats, named[store.ThingChat], id)
	found = some(found, t, t.messages, named[store.ThingRecord], id)
	found = some(found, t, t.notes, named[store.ThingNote], func(name string) string { return name })
	found = some(found, t, t.consents, named[store.ThingConsent], func(name string) recipients.Key {
		key, _ := recipients.KeyFromBytes([]byte(name))
		return key
	})
	chats := named[store.ThingDeliveries]
	if len(chats) == 0 {
		return found
	}
	slices.Sort(chats)
	var deliveries []thing
	for _, d := range t.deliveries {
		if _, is := slices.BinarySearch(chats, string(d.ChatID[:])); is {
			deliveries = append(deliveries, thing{t, d})
		}
	}
	return append(found, inOrder(deliveries)...)
}

// inOrder sorts deliveries into the order of their commits.
func inOrder(deliveries []thing) []thing {
	slices.SortFunc(deliveries, func(a, b thing) int { return cmp.Compare(a.is.(*delivery).commit, b.is.(*delivery).commit) })
	return deliveries
}

// items returns some things as they are now, and nothing of those that are
// gone.
func (s *Store) items(things []thing) (items []store.Item, err error) {
	s.number()
	for _, t := range things {
		i := store.Item{Tenant: t.name}
		switch was := t.is.(type) {
		case *account:
			items = append(items, was.items()...)
		case *chat:
			if c := t.chats[was.id]; c != nil {
				i.Chat, err = c.copied()
			}
		case *record:
			if r := t.messages[was.message]; r != nil {
				i.Record = new(store.Record)
				err = r.unpack(i.Record)
			}
		case *delivery:
			if t.deliveries[was.MessageID] == was && !s.doomed[was] {
				i.Delivery = new(ownDelivery(was.CopiedDelivery))
			}
		case store.Consent:
			if c, there := t.consents[was.Name]; there {
				i.Consent = &c
			}
		case store.Note:
			if n, there := t.notes[was.Name]; there {
				i.Note = new(ownNote(n))
			}
		}
		if err != nil {
			return items, err
		}
		if i != (store.Item{Tenant: t.name}) {
			items = append(items, i)
		}
	}
	return items, nil
}

// Things implements store.Things.
func (s *Store) Things(ctx context.Context, tenant string, names []store.Thing) ([]store.Item, error) {
	return read(ctx, s, tenant, store.CheckThings(tenant, names), func(t *tenancy) ([]store.Item, error) { return s.items(t.find(names)) })
}

// RemoveThings implements store.Things.
func (s *Store) RemoveThings(ctx context.Context, tenant string, names []store.Thing) error {
	if err := s.begin(ctx, store.CheckThings(tenant, names)); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, found := range s.tenant(tenant).find(names) {
		switch v := found.is.(type) {
		case *account:
			s.unlearn(v)
		case *chat:
			s.expel(found.tenancy, v)
		case *record:
			s.drop(v)
		case *delivery:
			s.remove(v)
		case store.Consent:
			delete(found.consents, v.Name)
		case store.Note:
			found.dropNote(v)
		}
	}
	return nil
}
