package memory

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
)

// chat is one chat, packed: there may be millions.
type chat struct {
	id              uuid.UUID
	line            *account
	set             *set  // nil while the chat matches nothing
	created, active int64 // microseconds since 1970
	more            *more // nil for most chats
	service         message.Service
	named, left     bool
}

// more is what most chats do not need.
type more struct {
	roster      store.Roster     // without more: all of the set since the chat was created
	past        []recipients.Key // who took part and left, by people.Name
	successor   uuid.UUID
	succeededAt time.Time
}

// extra returns what most chats do not need, made when it is needed.
func (c *chat) extra() *more {
	if c.more == nil {
		c.more = &more{roster: c.roster()}
	}
	return c.more
}

// roster returns who takes part.
func (c *chat) roster() store.Roster {
	if c.more == nil {
		return store.NewRoster(c.set.people, fromMicros(c.created))
	}
	return c.more.roster
}

// tookPart says whether a person of a name takes part or took part.
func (c *chat) tookPart(h recipients.Handle, name recipients.Key) bool {
	return c.roster().Set().Contains(h) || c.more != nil && slices.Contains(c.more.past, name)
}

// view returns the chat as package store shows it.
func (c *chat) view() store.Chat {
	v := store.Chat{
		ID: c.id, Line: c.line.use.Number, Roster: c.roster(), Service: c.service, Named: c.named, LineLeft: c.left,
		CreatedAt: fromMicros(c.created), ActiveAt: fromMicros(c.active),
	}
	if c.more != nil {
		v.Successor, v.SucceededAt = c.more.successor, c.more.succeededAt
	}
	return v
}

// copied returns the chat as a copy of the store has it.
func (c *chat) copied() (v *store.CopiedChat, err error) {
	v = &store.CopiedChat{Chat: c.view()}
	if c.more != nil {
		if v.Past, err = carry.Past(c.more.past, v.Roster.Set()); err != nil {
			return nil, fmt.Errorf("memory: chat %s: %w", c.id, err)
		}
	}
	return v, nil
}

// compareRecency puts the most recently active chat first: the later activity,
// then the later creation, then the smaller id.
func compareRecency(a, b *chat) int {
	return cmp.Or(cmp.Compare(b.active, a.active), cmp.Compare(b.created, a.created), compareIDs(a.id, b.id))
}

func fromMicros(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// set is a recipient set and the chats that match it, the most recently active
// first. It stays when they have left, for its revision.
type set struct {
	people   recipients.Set
	revision store.Revision
	chats    []*chat
	first    [1]*chat // where most sets have room enough for theirs
}

// find returns a chat of the set by its id, nil if it is none of them.
func (s *set) find(id uuid.UUID) *chat {
	for _, c := range s.chats {
		if c.id == id {
			return c
		}
	}
	return nil
}

// admit makes a chat of some people known.
func (s *Store) admit(t *tenancy, c *chat, people recipients.Set) {
	t.chats[c.id] = c
	c.line.chats.Load(c) // fast for an id after all others, and right for the rest
	s.join(t, c, people)
}

// expel removes a chat.
func (s *Store) expel(t *tenancy, c *chat) {
	s.leave(c)
	c.line.chats.Delete(c)
	delete(t.chats, c.id)
}

// join puts a chat into the set of some people, unless it matches nothing.
func (s *Store) join(t *tenancy, c *chat, people recipients.Set) {
	if c.left || people.Len() == 0 {
		return
	}
	c.set = t.sets[people.Key()]
	if c.set == nil {
		c.set = &set{people: people}
		c.set.chats = c.set.first[:0]
		t.sets[people.Key()] = c.set
		t.list(c.set)
	}
	i, _ := slices.BinarySearchFunc(c.set.chats, c, compareRecency)
	c.set.chats = slices.Insert(c.set.chats, i, c)
	s.move(c)
}

// leave takes a chat out of its set, if it is in one.
func (s *Store) leave(c *chat) {
	if c.set == nil {
		return
	}
	c.extra()
	i := slices.Index(c.set.chats, c)
	c.set.chats = slices.Delete(c.set.chats, i, i+1)
	s.move(c)
	c.set = nil
}

// move gives the set of a chat, if it is in one, a revision that no set has
// had.
func (s *Store) move(c *chat) {
	if c.set != nil {
		s.revision++
		c.set.revision = s.revision
	}
}

// advance makes a chat active at a time, unless it was active later. The
// revision moves when another chat becomes the most recently active one.
func (s *Store) advance(c *chat, to int64) {
	if to <= c.active {
		return
	}
	c.active = to
	if c.set == nil || c.set.chats[0] == c {
		return
	}
	chats := c.set.chats[:slices.Index(c.set.chats, c)+1]
	i, _ := slices.BinarySearchFunc(chats[:len(chats)-1], c, compareRecency)
	copy(chats[i+1:], chats[i:])
	chats[i] = c
	if i == 0 {
		s.move(c)
	}
}

// note notes which chat took over from a chat; the zero id and time clear the
// note.
func (s *Store) note(c *chat, successor uuid.UUID, at time.Time) {
	if c.more == nil && successor == uuid.Nil || c.extra().successor == successor {
		return
	}
	c.more.successor, c.more.succeededAt = successor, at
	s.move(c)
}
