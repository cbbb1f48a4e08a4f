package etcd

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// The forms of a place.
const (
	placeSet = 1 // the chat is in the set with this key
	placeOwn = 2 // the chat itself: it matches nothing
)

// place is the set of a chat, or the chat itself.
type place struct {
	there bool
	set   recipients.Key    // zero if it is in none
	own   *store.CopiedChat // of a chat that is in no set
}

func readPlace(v value) (p place, err error) {
	if !v.there() {
		return p, nil
	}
	p.there = true
	r := newReader(v.bytes)
	switch r.byte() {
	case placeSet:
		p.set = r.key()
	case placeOwn:
		p.own = r.chat()
	default:
		r.fail("a place of an unknown form")
	}
	return p, r.end()
}

// chat returns a chat, nil if there is none with that id, and the set that it
// is in, nil if it is in none.
func (t *tx) chat(tenant string, id uuid.UUID) (*store.CopiedChat, *set) {
	p, err := readPlace(t.get(t.s.keyOf(kindPlace, tenant, id)))
	t.damage(store.UnreadableChat, tenant, id.String(), err)
	if p.own != nil || !p.there {
		return p.own, nil
	}
	m, err := readSet(tenant, p.set, t.get(t.s.keyOfSet(tenant, p.set)))
	t.damage(store.UnreadableChat, tenant, id.String(), err)
	return m.find(id), m
}

// keep writes a changed chat to its place.
func (t *tx) keep(tenant string, c *store.CopiedChat, m *set, moved bool) {
	if m == nil {
		t.keepAlone(tenant, c)
	} else {
		t.save(m, moved)
	}
}

// admit adds a chat.
func (t *tx) admit(tenant string, c *store.CopiedChat) {
	t.put(t.s.keyOnLine(tenant, c.Line, c.ID), nil)
	t.index(tenant, c, nil)
	t.settle(tenant, c)
}

// index adds a chat to the index of its people, under the names that it did not
// have before. A direct chat needs no entry: its set finds it.
func (t *tx) index(tenant string, c *store.CopiedChat, before []recipients.Key) {
	names, err := carry.Names(c)
	t.damage(store.UnreadableChat, tenant, c.ID.String(), err)
	for _, name := range names {
		if !slices.Contains(before, name) {
			t.early(t.s.ofPerson(tenant, name) + string(c.ID[:]))
		}
	}
}

// expel removes a chat.
func (t *tx) expel(tenant string, c *store.CopiedChat, m *set) {
	names, err := carry.Names(c)
	t.damage(store.UnreadableChat, tenant, c.ID.String(), err)
	for _, name := range names {
		t.late(t.s.ofPerson(tenant, name) + string(c.ID[:]))
	}
	if m != nil {
		t.leave(m, c)
	}
	t.del(t.s.keyOnLine(tenant, c.Line, c.ID))
	t.del(t.s.keyOf(kindPlace, tenant, c.ID))
}

func unknownChat(id uuid.UUID) error {
	return fmt.Errorf("etcd: chat %s: %w", id, store.ErrUnknownChat)
}
