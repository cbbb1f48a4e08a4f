package line

import (
	"time"

	"github.com/fromline/fromline/recipients"
)

// Change numbers changes in the order in which a store committed them, from 1.
// Zero comes before all of them.
type Change uint64

// State is what was learned about one line from events: the store keeps it, and
// every process that follows the store acts on it (docs/rules.md §15).
//
// Status and Reputation are zero where that was not said. In a state that a store
// is given, that is what one event did not say; in a state that it returns, what
// no event ever said, and what a line was told to be then holds. Stores hear
// nothing of files: where a [Line] was given with a ChangedAt, and a later event
// says only one of the two, the other is again what the store keeps of older
// events.
type State struct {
	Tenant     string
	Number     recipients.Handle
	Status     Status
	Reputation Reputation
	ChangedAt  time.Time // of the latest event; only a later one changes the state
	Change     Change    // assigned by the store
}
