package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// Things implements store.Things.
func (s *Store) Things(ctx context.Context, tenant string, things []store.Thing) ([]store.Item, error) {
	if err := store.CheckThings(tenant, things); err != nil {
		return nil, err
	}
	named := carry.ByKind(things)
	items, err := carry.Named(ctx, s, tenant, named[store.ThingLine])
	if err != nil {
		return nil, err
	}
	var wanted []thing
	if err := s.begin(ctx, nil); err != nil {
		return nil, err
	}
	t := s.tenant(tenant)
	for _, id := range ids(named[store.ThingChat]) {
		wanted = append(wanted, func() (store.Item, bool, error) { return t.exportChat(id) })
	}
	for _, id := range ids(named[store.ThingRecord]) {
		wanted = append(wanted, func() (store.Item, bool, error) { return t.exportRecord(id) })
	}
	for _, d := range t.deliveriesOf(ids(named[store.ThingDeliveries])) {
		wanted = append(wanted, func() (store.Item, bool, error) {
			return store.Item{Tenant: t.name, Delivery: d.copied()}, t.deliveries[d.MessageID] == d && !s.doomed[d], nil
		})
	}
	for _, name := range keys(named[store.ThingConsent]) {
		c, there := t.consents[name]
		wanted = append(wanted, func() (store.Item, bool, error) { return store.Item{Tenant: t.name, Consent: &c}, there, nil })
	}
	for _, name := range named[store.ThingNote] {
		wanted = append(wanted, func() (store.Item, bool, error) {
			n := t.notes[name]
			if n == nil {
				return store.Item{}, false, nil
			}
			return store.Item{Tenant: t.name, Note: new(ownNote(n))}, true, nil
		})
	}
	s.mu.Unlock()
	more, err := s.items(ctx, wanted)
	return append(items, more...), err
}

// RemoveThings implements store.Things.
func (s *Store) RemoveThings(ctx context.Context, tenant string, things []store.Thing) error {
	named := carry.ByKind(things)
	lines, unnamed := carry.Numbers(named[store.ThingLine])
	if err := s.begin(ctx, cmp.Or(store.CheckThings(tenant, things), unnamed)); err != nil {
		return err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
	for _, id := range ids(named[store.ThingChat]) {
		if c := t.chats[id]; c != nil {
			s.expel(t, c)
		}
	}
	for _, id := range ids(named[store.ThingRecord]) {
		if r := t.messages[id]; r != nil {
			s.drop(r)
		}
	}
	for _, d := range t.deliveriesOf(ids(named[store.ThingDeliveries])) {
		s.remove(d)
	}
	for _, name := range keys(named[store.ThingConsent]) {
		delete(t.consents, name)
	}
	for _, name := range named[store.ThingNote] {
		if n := t.notes[name]; n != nil {
			t.dropNote(n)
		}
	}
	s.number()
	for _, number := range lines {
		s.unlearn(t, number)
	}
	return nil
}

// unlearn removes the use and the state of a line.
func (s *Store) unlearn(t *tenant, number recipients.Handle) {
	l := t.lines[number]
	if l == nil {
		return
	}
	is := func(other *account) bool { return other == l }
	s.uses.lines = slices.DeleteFunc(s.uses.lines, is)
	s.states.lines = slices.DeleteFunc(s.states.lines, is)
	l.use = line.Use{Tenant: t.name, Number: number}
	l.state = line.State{Tenant: t.name, Number: number}
}

// deliveriesOf returns the deliveries of some chats in the order of commits.
func (t *tenant) deliveriesOf(chats []uuid.UUID) (all []*delivery) {
	if len(chats) == 0 {
		return nil
	}
	of := make(map[uuid.UUID]bool)
	for _, id := range chats {
		of[id] = true
	}
	for _, d := range t.deliveries {
		if of[d.ChatID] {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b *delivery) int { return cmp.Compare(a.commit, b.commit) })
	return all
}

// ids returns the ids that names are.
func ids(names []string) (all []uuid.UUID) {
	for _, name := range names {
		all = append(all, uuid.UUID([]byte(name)))
	}
	return all
}

// keys returns the keys that names are. They were checked.
func keys(names []string) (all []recipients.Key) {
	for _, name := range names {
		key, _ := recipients.KeyFromBytes([]byte(name))
		all = append(all, key)
	}
	return all
}
