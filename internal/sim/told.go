package sim

import (
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// told is what a Router was told for one call. Its decision must follow from
// it. Later rounds of the call replace it.
type told struct {
	view     fleet.View
	snapshot store.Snapshot

	noAliases bool // the resolver failed
	strangers map[recipients.Handle]int
}

// facts returns what the Router was told when it decided, at the time of its
// view.
func (t *task) facts() reference.Facts {
	f := reference.Facts{Send: t.send.facts, Chats: t.told.snapshot.Chats, At: t.told.view.At(), SkipNamedGroups: t.world.skipNamed, Guard: t.world.guard, SentAt: t.at, DeferUpTo: t.world.deferUpTo, Strangers: t.told.strangers}
	for l := range t.told.view.All() {
		f.Lines = append(f.Lines, l)
	}
	if t.move != nil {
		t.move.leaving(&f)
	}
	return f
}
