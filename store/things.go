package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// ThingKind is a kind of thing.
type ThingKind uint8

// The kinds of things, and the name of each.
const (
	ThingChat       ThingKind = 1 + iota // its id
	ThingRecord                          // the id of its message
	ThingDeliveries                      // all deliveries of a chat, in their order: the id of the chat
	ThingConsent                         // the bytes of Consent.Name
	ThingNote                            // Note.Name
	ThingLine                            // use and state of a line: its number, in the text of Handle.String
)

// Thing names an item of a tenant, or several that belong together, so that
// package move can copy them alone.
type Thing struct {
	Kind ThingKind
	ID   string // the bytes of the name
}

// Format prints only the kind, under every verb, because the name of a consent
// is that of a person.
func (t Thing) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), fmt.Sprintf("thing of kind %d", uint8(t.Kind)))
}

// LogValue returns what %+v prints.
func (t Thing) LogValue() slog.Value { return printed(t) }

// UUID returns the id of a chat, of a record or of a chat's deliveries, and the
// zero id for other kinds.
func (t Thing) UUID() (id uuid.UUID) {
	if len(t.ID) == len(id) {
		copy(id[:], t.ID)
	}
	return id
}

// ThingOf returns the thing to which an item belongs.
func ThingOf(i *Item) Thing {
	switch {
	case i.State != nil:
		return Thing{ThingLine, i.State.Number.String()}
	case i.Use != nil:
		return Thing{ThingLine, i.Use.Number.String()}
	case i.Chat != nil:
		return Thing{ThingChat, string(i.Chat.ID[:])}
	case i.Record != nil:
		return Thing{ThingRecord, string(i.Record.MessageID[:])}
	case i.Consent != nil:
		name := i.Consent.Name.Bytes()
		return Thing{ThingConsent, string(name[:])}
	case i.Note != nil:
		return Thing{ThingNote, i.Note.Name}
	}
	return Thing{ThingDeliveries, string(i.Delivery.ChatID[:])}
}

// Check returns an error wrapping ErrInvalid if there is no such kind, or if no
// thing of the kind can have that name.
func (t Thing) Check() error {
	switch t.Kind {
	case ThingChat, ThingRecord, ThingDeliveries:
		if len(t.ID) != len(uuid.Nil) {
			return invalid(fmt.Sprintf("a %v is named by 16 bytes, not %d", t, len(t.ID)))
		}
	case ThingConsent:
		if _, err := recipients.KeyFromBytes([]byte(t.ID)); err != nil {
			return invalid(fmt.Sprintf("a %v is named by the key of a person", t))
		}
	case ThingNote:
		return CheckNoteName(t.ID)
	case ThingLine:
		if h, err := recipients.Parse(t.ID); err != nil || h.String() != t.ID {
			return invalid(fmt.Sprintf("a %v is named by its number", t))
		}
	default:
		return invalid(fmt.Sprintf("there is no %v", t))
	}
	return nil
}

// CheckThings returns the error of CheckTenant, that of the first thing whose
// Check fails, or one wrapping ErrInvalid if there are more than MaxPage
// things.
func CheckThings(tenant string, things []Thing) error {
	if err := CheckTenant(tenant); err != nil {
		return err
	}
	if len(things) > MaxPage {
		return invalid(fmt.Sprintf("%d things are more than %d", len(things), MaxPage))
	}
	for i, t := range things {
		if err := t.Check(); err != nil {
			return fmt.Errorf("thing %d: %w", i, err)
		}
	}
	return nil
}

// Things is implemented by stores that can read and remove single things. A
// move copies changes with it.
type Things interface {
	// Things returns the items of some things as ExportTenant yields them,
	// those of one kind together, and deliveries of a chat in their order;
	// nothing for a thing that is not there. [things.read] Its time grows with
	// the number of things, but it reads all lines if one of the things is a
	// line. The error wraps ErrInvalid for things that CheckThings refuses.
	Things(ctx context.Context, tenant string, things []Thing) ([]Item, error)

	// RemoveThings removes some things and nothing else: a chat without its
	// records and deliveries, a record without its notes. [things.removed] An
	// Import of them then keeps the given items. [things.replaced] After an
	// error some may be removed: call it again. A thing that is not there is no
	// error. Make no other call about the tenant meanwhile.
	RemoveThings(ctx context.Context, tenant string, things []Thing) error
}

// Change is an entry of a list of changes.
type Change struct {
	Number int64 // identifies the entry; in no order
	Thing  Thing
}

// ListLife is how long a store keeps a list of changes after the last call that
// named it.
const ListLife = time.Hour

// ErrNoList means that the store has no such list of changes, or not any more:
// begin another one, and export the tenant again.
var ErrNoList = fmt.Errorf("the list of changes has ended: %w", ErrNotWritten)

// ChangeLister is implemented by stores that can list the changes of a tenant,
// for package move. Without it a move reads the whole tenant again to find
// them. The state and use of lines are not listed: they have change numbers.
type ChangeLister interface {
	// ListChanges begins a list of the changes of a tenant. The list has each
	// change that an Export which begins after ListChanges does not show, made
	// by any process; the commit of the change lists it. [changes.all]
	// ListChanges ends the earlier list of the tenant; the zero id only ends
	// it. Purge ends a list that no call has named for ListLife. [changes.ends]
	ListChanges(ctx context.Context, tenant string, list uuid.UUID) error

	// Changes returns at most limit of the things that changed since the list
	// began and were not dropped from it; zero means MaxPage. It returns
	// changes of commits before the call first. A thing may be named twice. The
	// error wraps ErrNoList if there is no such list. [changes.list]
	Changes(ctx context.Context, tenant string, list uuid.UUID, limit int) ([]Change, error)

	// DropChanges removes the changes that a call of Changes returned from the
	// list; pass all of them. A thing that has changed again since that call is
	// listed again. [changes.dropped]
	DropChanges(ctx context.Context, tenant string, list uuid.UUID, changes []Change) error
}
