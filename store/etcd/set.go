package etcd

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
)

// set holds the chats that match one set of people, the most recently active
// first. It stays when they have left, to keep its revision.
type set struct {
	tenant   string
	key      recipients.Key
	there    bool
	revision store.Revision
	chats    []*store.CopiedChat
}

// The flags of a chat.
const (
	flagNamed = 1 << iota
	flagLeft
	flagSucceeded
	flagPast
)

// chat appends a chat.
func (w *writer) chat(c *store.CopiedChat) {
	var flags byte
	for flag, set := range map[byte]bool{
		flagNamed: c.Named, flagLeft: c.LineLeft, flagSucceeded: c.Successor != uuid.Nil, flagPast: len(c.Past) > 0,
	} {
		if set {
			flags |= flag
		}
	}
	w.id(c.ID)
	w.phone(c.Line)
	w.byte(flags)
	w.byte(byte(c.Service))
	w.int(micros(c.CreatedAt))
	w.int(micros(c.ActiveAt) - micros(c.CreatedAt))
	w.bytes(packed.Roster(c.Roster))
	if flags&flagSucceeded != 0 {
		w.id(c.Successor)
		w.int(micros(c.SucceededAt))
	}
	if flags&flagPast != 0 {
		w.uint(uint64(len(c.Past)))
		for _, name := range c.Past {
			w.key(name)
		}
	}
}

func (r *reader) chat() *store.CopiedChat {
	c := &store.CopiedChat{}
	c.ID = r.id()
	c.Line = r.phone()
	flags := r.byte()
	c.Named, c.LineLeft = flags&flagNamed != 0, flags&flagLeft != 0
	c.Service = message.Service(r.byte())
	created := r.int()
	c.CreatedAt, c.ActiveAt = fromMicros(created), fromMicros(created+r.int())
	roster, err := packed.ReadRoster(r.bytes())
	if err != nil && r.err == nil {
		r.err, r.rest = err, nil
	}
	c.Roster = roster
	if flags&flagSucceeded != 0 {
		c.Successor, c.SucceededAt = r.id(), fromMicros(r.int())
	}
	if flags&flagPast != 0 {
		r.list(func() { c.Past = append(c.Past, r.key()) })
	}
	return c
}

// readSet reads a set. Its revision is the revision of the write that last
// moved it. The value has 0 for it if it comes from that very write.
func readSet(tenant string, key recipients.Key, v value) (*set, error) {
	m := &set{tenant: tenant, key: key, there: v.there()}
	if !v.there() {
		return m, nil
	}
	r := newReader(v.bytes)
	if m.revision = store.Revision(r.uint()); m.revision == 0 {
		m.revision = store.Revision(v.revision)
	}
	r.list(func() { m.chats = append(m.chats, r.chat()) })
	if err := r.end(); err != nil {
		return m, fmt.Errorf("a set of tenant %s: %w", tenant, err)
	}
	return m, nil
}

func (t *tx) set(tenant string, key recipients.Key) *set {
	m, err := readSet(tenant, key, t.get(t.s.keyOfSet(tenant, key)))
	t.damage(store.UnreadableChat, tenant, store.UnreadablePerson, err)
	return m
}

// save writes a set, with a new revision if it moved.
func (t *tx) save(m *set, moved bool) {
	w := newWriter()
	if moved || m.revision == pending {
		w.uint(0)
		m.revision = pending
	} else {
		w.uint(uint64(m.revision))
	}
	w.uint(uint64(len(m.chats)))
	for _, c := range m.chats {
		w.chat(c)
	}
	t.put(t.s.keyOfSet(m.tenant, m.key), w)
}

// find returns a chat of the set, nil if the set has no such chat.
func (m *set) find(id uuid.UUID) *store.CopiedChat {
	for _, c := range m.chats {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// siblings is the largest number of other chats of a set that a claim looks at:
// the most recently active ones.
const siblings = 40

// others returns the other chats of the set of a chat, and none for a chat that
// matches nothing.
func (m *set) others(id uuid.UUID) (ids []uuid.UUID) {
	if m == nil || m.find(id) == nil {
		return nil
	}
	for _, c := range m.chats {
		if c.ID != id && len(ids) < siblings {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func (m *set) sort() {
	slices.SortStableFunc(m.chats, func(a, b *store.CopiedChat) int {
		switch {
		case a.MoreRecentThan(&b.Chat):
			return -1
		case b.MoreRecentThan(&a.Chat):
			return 1
		}
		return 0
	})
}

// advance makes a chat of the set active at a time, unless it was active later.
// It reports whether the revision moves, because another chat became the most
// recently active one.
func (m *set) advance(c *store.CopiedChat, to time.Time) (moved bool) {
	if !to.After(c.ActiveAt) {
		return false
	}
	first := m.chats[0]
	c.ActiveAt = to
	m.sort()
	return m.chats[0] != first
}

// note notes the successor of a chat, and reports whether that changed.
func note(c *store.CopiedChat, successor uuid.UUID, at time.Time) (moved bool) {
	if c.Successor == successor {
		return false
	}
	c.Successor, c.SucceededAt = successor, at
	return true
}

// join adds a chat to the set of its people.
func (t *tx) join(tenant string, c *store.CopiedChat) {
	m := t.set(tenant, c.Roster.Set().Key())
	if m.there && len(m.chats) == 0 {
		t.del(t.s.keyOfEmptied(tenant, m.key))
	}
	m.chats = append(m.chats, c)
	m.sort()
	t.save(m, true)
	w := newWriter()
	w.byte(placeSet)
	w.key(m.key)
	t.put(t.s.keyOf(kindPlace, tenant, c.ID), w)
}

// leave removes a chat from its set.
func (t *tx) leave(m *set, c *store.CopiedChat) {
	people := c.Roster.Set()
	m.chats = slices.DeleteFunc(m.chats, func(other *store.CopiedChat) bool { return other.ID == c.ID })
	t.save(m, true)
	if len(m.chats) == 0 {
		t.put(t.s.keyOfEmptied(m.tenant, m.key), packed.Roster(store.NewRoster(people, fromMicros(0))))
	}
}

// settle puts a chat into the set of its people, or into a place of its own if
// it matches nothing.
func (t *tx) settle(tenant string, c *store.CopiedChat) {
	if carry.Matches(c) {
		t.join(tenant, c)
		return
	}
	t.keepAlone(tenant, c)
}

// keepAlone keeps a chat that matches nothing.
func (t *tx) keepAlone(tenant string, c *store.CopiedChat) {
	w := newWriter()
	w.byte(placeOwn)
	w.chat(c)
	t.put(t.s.keyOf(kindPlace, tenant, c.ID), w)
}
