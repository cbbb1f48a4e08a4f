package castest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// cell is what one key holds: a set with its chats, a line, the place of a chat,
// or the record of a message or key. Cells are values: they are never changed,
// only replaced.
type cell struct {
	chats    []store.Chat // of a set, or one that matches none
	revision store.Revision
	use      line.Use
	place    string // the key of the cell that a chat is in
	record   *store.Record

	intents []intent   // what attempts want to do here
	decided []decision // attempts that this cell decided and that are not done everywhere yet
}

// intent is what an attempt does to a cell once it is decided. What decides it
// is a swap of another cell, its primary, from one version: if that version is
// replaced by anything else, the attempt is dead.
type intent struct {
	attempt uint64
	primary string
	version uint64
	effect  effect
}

// effect is what an intent does to its cell.
type effect struct {
	record *store.Record // is kept
	place  string        // is where the chat is
	chat   *store.Chat   // joins the set
	opens  *store.Plan   // its opening is counted
}

// decision is an attempt that was decided, and where it has intents.
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

// changed returns the cell with other chats, and another revision if what that
// stands for has changed.
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

// marks is what a revision stands for.
func (c cell) marks() (marks []mark) {
	for i, chat := range c.sorted() {
		marks = append(marks, mark{chat.ID, chat.Successor, chat.SucceededAt, chat.Named, i == 0})
	}
	slices.SortFunc(marks, func(a, b mark) int { return slices.Compare(a.id[:], b.id[:]) })
	return marks
}
