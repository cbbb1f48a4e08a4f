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

// UnreadableWait is how long a delivery that a later release wrote waits until it
// may be claimed again.
const UnreadableWait = time.Minute

// MaxUnreadable is how many unreadable rows a store names.
const MaxUnreadable = 100

// Unreadable names a row that the store cannot read.
type Unreadable struct {
	Kind   string // one of the kinds above
	Tenant string
	ID     string // of the chat, message, line or note; the digits of a line that is no number; UnreadablePerson

	// Newer says that a later release wrote the row, so that a process of that
	// release can read it. Else it is damaged.
	Newer bool

	Err error // what is wrong with it; it names no person
}

// UnreadableError is the error about one row that cannot be read. It wraps
// ErrUnreadable, and what is wrong with the row.
type UnreadableError struct{ Row Unreadable }

// Error names the row and says what is wrong with it. It names no person.
func (e *UnreadableError) Error() string {
	switch {
	case e.Row.Err == nil && e.Row.ID == "":
		return ErrUnreadable.Error()
	case e.Row.Err == nil:
		return fmt.Sprintf("%v: %s %s", ErrUnreadable, e.Row.Kind, e.Row.ID)
	}
	return fmt.Sprintf("%v: %s %s: %v", ErrUnreadable, e.Row.Kind, e.Row.ID, e.Row.Err)
}

// Unwrap returns ErrUnreadable and what is wrong with the row.
func (e *UnreadableError) Unwrap() []error { return []error{ErrUnreadable, e.Row.Err} }

// Damaged is implemented by stores whose rows can be damaged, or written by a
// later release than the one that reads them. Such an unreadable row must not
// stop calls about other rows. A store in memory has no such rows and need not
// implement it.
//
// A delivery that is damaged is parked when it is claimed, as ParkedUnreadable,
// and Parked names it by its ids alone; those behind it and those of other chats
// are claimed, and it can be dropped. [damage.claim] One that is newer waits for
// UnreadableWait at its place, for a process that can read it. [damage.newer]
//
// A look-up of people who have a chat that is damaged leaves the chat out or fails
// with ErrUnreadable. Where it is newer the look-up fails, so that they get no
// second chat. Look-ups of other people find theirs. [damage.chat] A look-up
// that finds such a record fails with ErrUnreadable: it cannot be replayed, and
// must not be decided again. [damage.record]
//
// What is known of a line and cannot be read counts as not known: LineStates and
// LineUse go on past it. [damage.line] Pages of chats and of consents leave out
// what they cannot read, and go on, and KnownLines does not count it. [damage.page]
// A call that asks for one thing that cannot be read fails with ErrUnreadable.
// [damage.one]
//
// Export and ExportTenant yield such a row as a *UnreadableError in its place, with
// an item of which only the tenant is set, and go on: nothing is left out in
// silence. [damage.copy] Purge removes a record that cannot be read as it would
// any other. [damage.purge] Forget removes all that is a person's and can be read;
// where it meets a row of which it cannot tell, it fails with ErrUnreadable at its
// end. [damage.forget]
type Damaged interface {
	// Unreadable returns the rows that calls of this store found unreadable since it
	// was opened, each once and MaxUnreadable at most, ordered by kind, tenant and
	// id, and how many there were. [damage.told] It does not look for them, and
	// never waits for the engine.
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
