package store

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnreadable is wrapped by the error of a call about one row that this
// release cannot read: it is damaged, or a later release wrote it. Calls about
// other rows work.
var ErrUnreadable = errors.New("the row cannot be read by this release")

// The kinds of rows that can be unreadable.
const (
	UnreadableChat     = "chat"
	UnreadableRecord   = "record"
	UnreadableDelivery = "delivery"
	UnreadableLine     = "line"
	UnreadableConsent  = "consent"
	UnreadableNote     = "note"
)

// UnreadablePerson is the Unreadable.ID of a row that is named by a person:
// errors name no people.
const UnreadablePerson = "of some people"

// UnreadableWait is how long a delivery that a later release wrote waits until
// it can be claimed again.
const UnreadableWait = time.Minute

// MaxUnreadable is the largest number of unreadable rows that a store names.
const MaxUnreadable = 100

// Unreadable names a row that the store cannot read.
type Unreadable struct {
	Kind   string // one of the kinds above
	Tenant string
	ID     string // of the chat, message, line or note; the digits if they are no line; UnreadablePerson

	// Newer says that a later release wrote the row: a process of that release
	// can read it. Otherwise the row is damaged.
	Newer bool

	Err error // the reason; it names no person
}

// UnreadableError is the error about one row that cannot be read. It wraps
// ErrUnreadable and the reason.
type UnreadableError struct{ Row Unreadable }

// Error names the row and the reason. It names no person.
func (e *UnreadableError) Error() string {
	switch {
	case e.Row.Err == nil && e.Row.ID == "":
		return ErrUnreadable.Error()
	case e.Row.Err == nil:
		return fmt.Sprintf("%v: %s %s", ErrUnreadable, e.Row.Kind, e.Row.ID)
	}
	return fmt.Sprintf("%v: %s %s: %v", ErrUnreadable, e.Row.Kind, e.Row.ID, e.Row.Err)
}

// Unwrap returns ErrUnreadable and the reason.
func (e *UnreadableError) Unwrap() []error { return []error{ErrUnreadable, e.Row.Err} }

// Damaged is implemented by stores whose rows can be damaged, or written by a
// later release than the one that reads them. Such an unreadable row must not
// stop calls about other rows. A store in memory has no such rows and need not
// implement it.
//
// A claim parks a damaged delivery as ParkedUnreadable, and Parked names it by
// its ids only. The later ones of its chat and those of other chats are
// claimed, and the damaged one can be dropped. [damage.claim] A newer delivery
// waits for UnreadableWait in its place, for a process that can read it.
// [damage.newer]
//
// A look-up of people with a damaged chat leaves the chat out or fails with
// ErrUnreadable. If the chat is newer, the look-up fails, so that the people
// get no second chat. Look-ups of other people find their chats. [damage.chat]
// A look-up that finds an unreadable record fails with ErrUnreadable: the
// record cannot be replayed, and must not be decided again. [damage.record]
//
// An unreadable state or use of a line counts as unknown: LineStates and
// LineUse leave it out. [damage.line] Pages of chats and of consents leave out
// unreadable ones, and KnownLines does not count them. [damage.page] A call
// that asks for one unreadable thing fails with ErrUnreadable. [damage.one]
//
// Export and ExportTenant yield a *UnreadableError in the place of such a row,
// with an item that has the tenant only, and continue: nothing is left out in
// silence. [damage.copy] Purge removes an unreadable record like any other.
// [damage.purge] Forget removes everything of a person that can be read. If it
// meets a row that may be the person's and cannot be read, it fails with
// ErrUnreadable at its end. [damage.forget]
type Damaged interface {
	// Unreadable returns the rows that calls of this store found unreadable
	// since it was opened, each once and at most MaxUnreadable, ordered by
	// kind, tenant and id, and how many there were. [damage.told] It does not
	// look for them, and never waits for the engine.
	Unreadable() (rows []Unreadable, total int)
}

// String names the row and the reason.
func (u Unreadable) String() string {
	why := "damaged"
	if u.Newer {
		why = "written by a later release"
	}
	return fmt.Sprintf("%s %s of tenant %s is %s: %v", u.Kind, u.ID, u.Tenant, why, u.Err)
}
