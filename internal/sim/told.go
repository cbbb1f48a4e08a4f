package sim

import (
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// told is what a Router was told for one call, which its decision has to follow
// from. It outlives the rounds of the call: the latest counts.
type told struct {
	view     fleet.View
	snapshot store.Snapshot

	noAliases bool // the resolver failed
	strangers map[recipients.Handle]int
}

// facts are what the Router was told when it decided, as of the time of its view.
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
