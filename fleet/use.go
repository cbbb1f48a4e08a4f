package fleet

import (
	"context"
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

// hours is the length of the window: the current UTC hour and the 24 before it.
const hours = 25

// Use is how one line was used, as the store counts it.
type Use struct {
	Tenant string
	Number recipients.Handle

	// Hour is the hour of the newest bucket, in hours since 1970 UTC (see
	// [HourOf]); NewChats[i] is the number of chats opened in hour Hour-i.
	Hour     int64
	NewChats [hours]uint32

	// MessagesHour is the hour of the newest bucket of messages, and Messages[i]
	// the number of messages of hour MessagesHour-i, in and out. They are counted
	// softly, at most a second late, and by the times of events, which come from
	// elsewhere: so they have an hour of their own and never move that of the new
	// chats, which are counted exactly. A store knows no limits: whoever makes
	// the view derives from these counts and the line's limit until when the
	// line is over it.
	MessagesHour int64
	Messages     [hours]uint32

	Change Change // assigned by the store
}

// HourOf returns the UTC hour that a time falls into, in hours since 1970.
func HourOf(t time.Time) int64 {
	seconds := t.Unix()
	h := seconds / 3600
	if seconds%3600 < 0 {
		h--
	}
	return h
}

// Source is what a [Fleet] follows: a store that keeps line states and counts
// use. All methods are safe for concurrent use.
type Source interface {
	// LineStates returns, over all tenants, the states that changed after a
	// change number, in order of change, at most limit of them, and the number
	// to go on from. Fewer than limit means that there were no more.
	LineStates(ctx context.Context, after Change, limit int) (states []State, last Change, err error)

	// LineUse does the same for the use of lines. It must show every commit
	// that returned before it was called.
	LineUse(ctx context.Context, after Change, limit int) (uses []Use, last Change, err error)
}
