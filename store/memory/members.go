package memory

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func (s *Store) added(t tenantID, e store.ParticipantAdded) error {
	return s.reshape(t, e.Chat, store.Micros(e.At), func(people recipients.Set) recipients.Set {
		return peopleOf(append(members(people), e.Handle))
	})
}

func (s *Store) removed(t tenantID, e store.ParticipantRemoved) error {
	return s.reshape(t, e.Chat, time.Time{}, func(people recipients.Set) recipients.Set {
		return peopleOf(slices.DeleteFunc(members(people), func(h recipients.Handle) bool { return h == e.Handle }))
	})
}

// reshape gives a chat other participants and moves it to their set; who is new
// joined at the time given.
func (s *Store) reshape(t tenantID, id uuid.UUID, joined time.Time, shape func(recipients.Set) recipients.Set) error {
	target := func(c *chat) placeSet { return placeOfSet(t, shape(c.set.people).Key()).set() }
	return s.with(t, id, target, func(c *chat) error {
		old, people := c.set.people, shape(c.set.people)
		switch {
		case people.Equal(old):
			return nil
		case people.Contains(c.line.number()):
			return fmt.Errorf("memory: %w: the line of chat %s cannot join it", store.ErrInvalid, id)
		}
		roster := reshaped(c.roster(), people, joined)
		s.leave(c)
		if c.left || people.Len() == 0 {
			c.set = unmatched(t, id, people)
		} else {
			s.join(s.setOf(t, people), c)
		}
		c.remember(old, roster)
		return nil
	})
}

// remember keeps what the set of a chat does not tell: who took part, and who
// joined after the chat was created.
func (c *chat) remember(old recipients.Set, roster store.Roster) {
	for _, h := range old.All() {
		if !c.tookPart(h) {
			c.extra().past = append(c.extra().past, h)
		}
	}
	if roster.Equal(store.NewRoster(c.set.people, roster.Since())) {
		roster = store.Roster{}
	}
	if c.more.Load() != nil || roster.Len() > 0 {
		c.extra().roster = roster
	}
}

// reshaped returns the roster of other people: those who stay joined when they
// did, those who are new at the time given.
func reshaped(old store.Roster, people recipients.Set, joined time.Time) store.Roster {
	since := make(map[recipients.Handle]time.Time, old.Len())
	for i, h := range old.Set().All() {
		since[h] = old.JoinedAt(i)
	}
	times := make([]time.Time, people.Len())
	for i, h := range people.All() {
		at, stays := since[h]
		if !stays {
			at = joined
		}
		times[i] = at
	}
	return store.NewRosterJoined(people, old.Since(), times)
}

func members(set recipients.Set) []recipients.Handle {
	handles := make([]recipients.Handle, 0, set.Len()+1)
	for _, h := range set.All() {
		handles = append(handles, h)
	}
	return handles
}

// peopleOf returns the set of some valid handles, the zero set for none.
func peopleOf(handles []recipients.Handle) recipients.Set {
	set, err := recipients.NewLargeSet(handles...)
	if err != nil {
		return recipients.Set{} // nobody is left
	}
	return set
}
