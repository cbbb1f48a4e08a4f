package castest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// cell is the value of one key: a set with its chats, a line, the place of a
// chat, or the record of a message or key. Cells are never changed, only
// replaced.
type cell struct {
	chats    []store.Chat // of a set, or one that matches none
	revision store.Revision
	use      line.Use
	place    string // the key of the cell that a chat is in
	record   *store.Record

	intents []intent   // changes that attempts want to make here
	decided []decision // attempts that this cell has decided and that are not carried out everywhere yet
}

// intent is a change that an attempt makes to a cell once the attempt is
// decided. The decision is a swap of another cell, its primary, from one
// version. If anything else replaces that version, the attempt is dead.
type intent struct {
	attempt uint64
	primary string
	version uint64
	effect  effect
}

// effect is the change of an intent.
type effect struct {
	record *store.Record // the record to keep
	place  string        // the place of the chat
	chat   *store.Chat   // the chat that joins the set
	opens  *store.Plan   // the plan whose opening counts
}

// decision is a decided attempt, and the keys with its intents.
type decision struct {
	attempt uint64
	others  []string
}

// with returns the cell after an effect.
func (c cell) with(e effect) cell {
	switch {
	case e.record != nil:
		c.record = e.record
	case e.place != "":
		c.place = e.place
	case e.chat != nil:
		c.chats = append(slices.Clone(c.chats), *e.chat)
		c.revision++
	case e.opens != nil:
		e.opens.AddOpening(&c.use)
	}
	return c
}

// find returns the index of a chat in the cell, -1 if it is not there.
func (c cell) find(id uuid.UUID) int {
	return slices.IndexFunc(c.chats, func(chat store.Chat) bool { return chat.ID == id })
}

// sorted returns the chats, the most recently active first.
func (c cell) sorted() []store.Chat {
	chats := slices.Clone(c.chats)
	slices.SortFunc(chats, func(a, b store.Chat) int {
		if store.MoreRecent(a, b) {
			return -1
		}
		return 1
	})
	return chats
}

// changed returns the cell with other chats, and with another revision if its
// marks have changed.
func (c cell) changed(chats []store.Chat) cell {
	next := c
	next.chats = chats
	if !slices.Equal(c.marks(), next.marks()) {
		next.revision++
	}
	return next
}

type mark struct {
	id, successor uuid.UUID
	at            time.Time
	named, top    bool
}

// marks returns what a revision stands for.
func (c cell) marks() (marks []mark) {
	for i, chat := range c.sorted() {
		marks = append(marks, mark{chat.ID, chat.Successor, chat.SucceededAt, chat.Named, i == 0})
	}
	slices.SortFunc(marks, func(a, b mark) int { return slices.Compare(a.id[:], b.id[:]) })
	return marks
}
