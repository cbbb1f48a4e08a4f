package memory

import (
	"context"
	"slices"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/known"
)

// KnownLines implements store.KnownReader. The first call of a tenant looks at all
// of its sets, and from then on groups are found by their members.
func (s *Store) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	tally, names, err := known.New(tenant, handles)
	if err := s.begin(ctx, err); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
	if t.groups == nil {
		t.groups = make(map[recipients.Handle][]*set)
		for _, set := range t.sets {
			t.list(set)
		}
	}
	for _, n := range names {
		for _, c := range t.sets[n.Key].all() {
			tally.Add(n.Handle, c.line.use.Number, c.active)
		}
		for _, group := range t.groups[n.Handle] {
			for _, c := range group.chats {
				tally.Add(n.Handle, c.line.use.Number, c.active)
			}
		}
	}
	return tally.Lines(), nil
}

// all returns the chats of a set, none of nil.
func (s *set) all() []*chat {
	if s == nil {
		return nil
	}
	return s.chats
}

// list makes the set of a group found by its members, where that was asked for; the
// set of one person is found by its key.
func (t *tenant) list(s *set) {
	if t.groups == nil || !s.people.IsGroup() {
		return
	}
	for _, h := range s.people.All() {
		t.groups[h] = append(t.groups[h], s)
	}
}

// unlist takes back what list did.
func (t *tenant) unlist(s *set) {
	if t.groups == nil {
		return
	}
	for _, h := range s.people.All() {
		switch rest := slices.DeleteFunc(t.groups[h], func(other *set) bool { return other == s }); len(rest) {
		case 0:
			delete(t.groups, h)
		default:
			t.groups[h] = rest
		}
	}
}
