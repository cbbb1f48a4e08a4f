package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/known"
)

// Lookup implements store.ChatStore.
func (s *Store) Lookup(ctx context.Context, q store.Query) (snap store.Snapshot, err error) {
	if err := s.begin(ctx, q.Check()); err != nil {
		return snap, err
	}
	defer s.mu.Unlock()
	t := s.tenant(q.Tenant)
	set := t.matching(q.Set)
	snap.Revision = set.revision
	snap.Chats, snap.More = set.view(q.SkipNamed)
	if r := t.record(q.IdempotencyKey, q.MessageID); r != nil {
		snap.Record = new(store.Record)
		if err := r.unpack(snap.Record); err != nil {
			return snap, err
		}
	}
	snap.Standing, err = t.standing(q.Recipients)
	return snap, err
}

// view returns the chats of a set as a look-up returns them.
func (s *set) view(skipNamed bool) (chats []store.Chat, more bool) {
	if len(s.chats) > 0 {
		chats = make([]store.Chat, 0, min(len(s.chats), store.MaxChats))
	}
	for _, c := range s.chats {
		if skipNamed && c.named && s.people.IsGroup() {
			continue
		}
		if len(chats) == store.MaxChats {
			return chats, true
		}
		chats = append(chats, c.view())
	}
	return chats, false
}

// Decision implements store.DecisionReader.
func (s *Store) Decision(ctx context.Context, tenant string, messageID uuid.UUID) (store.Record, error) {
	return read(ctx, s, tenant, nil, func(t *tenancy) (found store.Record, err error) {
		r := t.messages[messageID]
		if r == nil {
			return found, fmt.Errorf("memory: message %s: %w", messageID, store.ErrNoRecord)
		}
		err = r.unpack(&found)
		return found, err
	})
}

// KnownLines implements store.KnownReader. The first call of a tenant looks at
// all of its sets, and from then on groups are found by their members.
func (s *Store) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	tally, names, invalid := known.New(tenant, handles)
	return read(ctx, s, tenant, invalid, func(t *tenancy) ([]store.KnownLine, error) {
		if t.groups == nil {
			t.groups = make(map[recipients.Handle][]*set)
			for _, set := range t.sets {
				t.list(set)
			}
		}
		for _, n := range names {
			for _, set := range append(slices.Clip(t.groups[n.Handle]), t.matching(n.Key)) {
				for _, c := range set.chats {
					tally.Add(n.Handle, c.line.use.Number, c.active)
				}
			}
		}
		return tally.Lines(), nil
	})
}

// list makes the set of a group found by its members, where that was asked for;
// the set of one person is found by its key.
func (t *tenancy) list(s *set) {
	if t.groups == nil || !s.people.IsGroup() {
		return
	}
	for _, h := range s.people.All() {
		t.groups[h] = append(t.groups[h], s)
	}
}

// unlist takes back what list did.
func (t *tenancy) unlist(s *set) {
	for _, h := range s.people.All() {
		without(t.groups, h, s)
	}
}

// without takes a value out of a list in a map, and the list with its last one.
func without[K, V comparable](lists map[K][]V, key K, v V) {
	if rest := slices.DeleteFunc(lists[key], func(other V) bool { return other == v }); len(rest) > 0 {
		lists[key] = rest
	} else {
		delete(lists, key)
	}
}
