package memory

import (
	"slices"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// set is a recipient set of a tenant and the chats that match it. A chat that
// matches nothing has a set of its own, which nobody finds.
type set struct {
	place    place // whose shard guards it; never changes
	tenant   tenantID
	people   recipients.Set // never changes
	revision store.Revision
	chats    []*chat // the most recently active first
	next     *set    // of those with the same hash
}

func (s *set) hash() uint64 { return hashOfSet(s.tenant, s.people.Key()) }
func (s *set) link() **set  { return &s.next }

// find returns a chat of the set by its id.
func (s *set) find(id uuid.UUID) *chat {
	for _, c := range s.chats {
		if c.id == id {
			return c
		}
	}
	return nil
}

// setOf returns the set of a tenant, made when it is not known yet. The shard
// of the set is locked.
func (s *Store) setOf(t tenantID, people recipients.Set) *set {
	found := s.findSet(t, people.Key())
	if found == nil {
		found = &set{place: placeOfSet(t, people.Key()), tenant: t, people: people}
		s.shards[found.place].sets.add(found)
	}
	return found
}

// findSet returns the set of a key, nil if it is not known. The shard of the set is
// locked.
func (s *Store) findSet(t tenantID, key recipients.Key) *set {
	return s.shards[placeOfSet(t, key)].sets.find(hashOfSet(t, key), func(s *set) bool {
		return s.people.Key() == key && s.tenant == t
	})
}

// unmatched returns a set for a chat that matches nothing, guarded by the shard
// of the chat's id.
func unmatched(t tenantID, id uuid.UUID, people recipients.Set) *set {
	return &set{place: placeOfID(t, id), tenant: t, people: people}
}

// matches says whether look-ups find the chats of the set.
func (s *set) matches() bool { return len(s.chats) > 0 }

// move gives a set a revision that no set has had.
func (s *Store) move(set *set) { set.revision = store.Revision(s.revision.Add(1)) }

// join makes a chat one of the set.
func (s *Store) join(set *set, c *chat) {
	i, _ := slices.BinarySearchFunc(set.chats, c, compareRecency)
	set.chats = slices.Insert(set.chats, i, c)
	c.set = set
	s.move(set)
}

// leave takes a chat out of its set, if it matches one.
func (s *Store) leave(c *chat) {
	if i := slices.Index(c.set.chats, c); i >= 0 {
		c.set.chats = slices.Delete(c.set.chats, i, i+1)
		s.move(c.set)
	}
}

// advance makes a chat active at a time, unless it was active later. The
// revision moves when another chat becomes the most recently active one.
func (s *Store) advance(c *chat, to int64) {
	if to <= c.active {
		return
	}
	chats := c.set.chats
	from := slices.Index(chats, c)
	c.active = to
	if from <= 0 { // already the most recent, or in no set
		return
	}
	i, _ := slices.BinarySearchFunc(chats[:from], c, compareRecency)
	copy(chats[i+1:from+1], chats[i:from])
	chats[i] = c
	if i == 0 {
		s.move(c.set)
	}
}

// note notes which chat took over from a chat; the zero id clears the note.
func (s *Store) note(c *chat, successor uuid.UUID, at int64) {
	noted := uuid.Nil
	if more := c.more.Load(); more != nil {
		noted = more.successor
	}
	if noted == successor {
		return
	}
	more := c.extra()
	more.successor, more.succeededAt = successor, at
	s.move(c.set)
}
