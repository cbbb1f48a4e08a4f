package memory

import (
	"bytes"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// chat is one chat, packed: there may be millions. What never changes can be
// read at any time. The set, and who took part in the past, are guarded by the
// shard of the chat's id; all else by the shard of the set, so that a look-up
// needs that one only.
type chat struct {
	id      uuid.UUID // never changes
	line    *account  // never changes
	created int64     // microseconds since 1970; never changes

	set *set

	active  int64                // microseconds since 1970
	more    atomic.Pointer[more] // nil for most chats; once set, it stays
	next    *chat                // of those with the same hash
	service message.Service
	named   bool
	left    bool // our line is no longer in the chat
}

func (c *chat) hash() uint64 { return hashOfID(c.set.tenant, c.id) }
func (c *chat) link() **chat { return &c.next }

// findChat returns the chat of an id, nil if it is not known. The shard of the id
// is locked.
func (s *Store) findChat(t tenantID, id uuid.UUID) *chat {
	return s.shards[placeOfID(t, id)].chats.find(hashOfID(t, id), func(c *chat) bool {
		return c.id == id && c.set.tenant == t
	})
}

// more is what most chats do not need.
type more struct {
	roster      store.Roster // the zero one: all of the set joined when the chat was created
	successor   uuid.UUID
	succeededAt int64
	past        []recipients.Handle // who took part and does no more; see chat
}

// extra returns what most chats do not need, made when it is needed.
func (c *chat) extra() *more {
	if c.more.Load() == nil {
		c.more.Store(new(more))
	}
	return c.more.Load()
}

// roster returns who takes part.
func (c *chat) roster() store.Roster {
	if more := c.more.Load(); more != nil && more.roster.Len() > 0 {
		return more.roster
	}
	return store.NewRoster(c.set.people, fromMicros(c.created))
}

// view returns the chat as package store shows it.
func (c *chat) view() store.Chat {
	v := store.Chat{
		ID: c.id, Line: c.line.number(), Roster: c.roster(), Service: c.service,
		Named: c.named, LineLeft: c.left, CreatedAt: fromMicros(c.created), ActiveAt: fromMicros(c.active),
	}
	if more := c.more.Load(); more != nil && more.successor != uuid.Nil {
		v.Successor, v.SucceededAt = more.successor, fromMicros(more.succeededAt)
	}
	return v
}

// tookPart says whether somebody takes part or took part.
func (c *chat) tookPart(h recipients.Handle) bool {
	if c.set.people.Contains(h) {
		return true
	}
	more := c.more.Load()
	return more != nil && slices.Contains(more.past, h)
}

// compareRecency puts the most recently active chat first: the later activity,
// then the later creation, then the smaller id.
func compareRecency(a, b *chat) int {
	switch {
	case a.active != b.active:
		return compareLater(a.active, b.active)
	case a.created != b.created:
		return compareLater(a.created, b.created)
	}
	return bytes.Compare(a.id[:], b.id[:])
}

func compareLater(a, b int64) int {
	if a > b {
		return -1
	}
	return 1
}

func byID(a, b *chat) bool { return bytes.Compare(a.id[:], b.id[:]) < 0 }

func toMicros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
