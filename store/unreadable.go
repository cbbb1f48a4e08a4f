package store

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnreadable is wrapped by the error of a call about one row that this release
// cannot read: it is damaged, or a later release wrote it. Nothing else suffers
// from such a row.
var ErrUnreadable = errors.New("the row cannot be read by this release")

// The kinds of rows that can be unreadable.
const (
	UnreadableChat     = "chat"
	UnreadableRecord   = "record"
	UnreadableDelivery = "delivery"
	UnreadableLine     = "line"
)

// UnreadableWait is how long a delivery that a later release wrote waits until it
// may be claimed again.
const UnreadableWait = time.Minute

// MaxUnreadable is how many unreadable rows a store names.
const MaxUnreadable = 100

// Unreadable names a row that was set aside.
type Unreadable struct {
	Kind   string // one of the kinds above
	Tenant string
	ID     string // of the chat, message or line; the digits of a line that is no number

	// Newer says that a later release wrote the row, so that a process of that
	// release can read it. Else it is damaged.
	Newer bool

	Err error // what is wrong with it; it names no person
}

// Damaged is implemented by stores that keep rows, which can be damaged or newer
// than the release that reads them. Such a row harms only itself:
//
// A delivery that is damaged is parked when it is claimed, as ParkedUnreadable,
// and Parked names it by its ids alone. One that is newer waits for UnreadableWait
// at its place, for a process that can read it. A chat that is damaged matches nothing; where it is
// newer, a look-up of its people fails with ErrUnreadable, so that they get no
// second chat. A look-up that finds such a record fails with ErrUnreadable: it
// cannot be replayed, and must not be decided again. What is known of a line and
// cannot be read counts as not known. Pages leave out what they cannot read.
type Damaged interface {
	// Unreadable returns the rows that calls of this store found unreadable since it
	// was opened, each once and MaxUnreadable at most, ordered by kind, tenant and
	// id, and how many there were. It does not look for them, and never waits for
	// the engine.
	Unreadable() (rows []Unreadable, total int)
}

// String names the row and says what is wrong with it.
func (u Unreadable) String() string {
	why := "damaged"
	if u.Newer {
		why = "written by a later release"
	}
	return fmt.Sprintf("%s %s of tenant %s is %s: %v", u.Kind, u.ID, u.Tenant, why, u.Err)
}
