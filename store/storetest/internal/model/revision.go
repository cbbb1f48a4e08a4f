package model

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// chatMark is the part of a chat that a revision depends on.
type chatMark struct {
	id, successor uuid.UUID
	succeededAt   time.Time
	named         bool
}

// mark is the state that a revision stands for: the chats of a set, and the
// most recently active one.
type mark struct {
	top   uuid.UUID
	chats []chatMark
}

func (t *tenant) mark(key recipients.Key) mark {
	var m mark
	for i, c := range t.matching(key) {
		if i == 0 {
			m.top = c.ID
		}
		m.chats = append(m.chats, chatMark{c.ID, c.Successor, c.SucceededAt, c.Named})
	}
	slices.SortFunc(m.chats, func(a, b chatMark) int { return slices.Compare(a.id[:], b.id[:]) })
	return m
}

func (m mark) equal(o mark) bool { return m.top == o.top && slices.Equal(m.chats, o.chats) }

// change changes chats of the given sets, and moves the revision of each set
// whose mark differs afterwards.
func (s *Model) change(t *tenant, change func(), keys ...recipients.Key) {
	before := make([]mark, len(keys))
	for i, k := range keys {
		before[i] = t.mark(k)
	}
	change()
	for i, k := range keys {
		if k.IsValid() && !t.mark(k).equal(before[i]) {
			s.revision++
			t.revisions[k] = s.revision
		}
	}
}
