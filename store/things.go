package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
)

// ThingKind is a kind of things.
type ThingKind uint8

// The kinds of things, and what names each.
const (
	ThingChat       ThingKind = 1 + iota // its id
	ThingRecord                          // the id of its message
	ThingDeliveries                      // all deliveries of one chat, in their order: the id of the chat
	ThingConsent                         // the bytes of Consent.Name
	ThingNote                            // Note.Name
	ThingLine                            // use and state of a line: its number, as Handle.String prints it
)

// Thing names something of a tenant that can be carried to another store by
// itself: one item, or the items that belong together.
type Thing struct {
	Kind ThingKind
	ID   string // the bytes that name it
}

// Format prints the kind under every verb: a consent and a line are named by who
// it is.
func (t Thing) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), fmt.Sprintf("thing of kind %d", uint8(t.Kind)))
}

// LogValue returns what %+v prints.
func (t Thing) LogValue() slog.Value { return printed(t) }

// UUID returns the id of a chat, of a record or of a chat's deliveries, the zero
// id for other kinds.
func (t Thing) UUID() (id uuid.UUID) {
	if len(t.ID) == len(id) {
		copy(id[:], t.ID)
	}
	return id
}

// ThingOf returns the thing that an item is, or is one of.
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

// Check returns an error wrapping ErrInvalid where nothing can have that name.
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

// CheckThings returns the error of the tenant or of the first thing that cannot be,
// and one wrapping ErrInvalid when there are more than MaxPage of them.
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

// Things is implemented by stores that can read and remove single things, so that
// what changed of a tenant can be carried after the rest of it.
type Things interface {
	// Things returns the items of some things, each as ExportTenant yields it, those
	// of one kind together and deliveries of one chat in their order; of what is not
	// there, nothing. [things.read] It takes as long as there are things, but looks at
	// all lines where a line is among them. What CheckThings refuses is an error
	// wrapping ErrInvalid.
	Things(ctx context.Context, tenant string, things []Thing) ([]Item, error)

	// RemoveThings removes some things and nothing else: a chat without its records
	// and deliveries, a record without its notes. [things.removed] An Import of them
	// then keeps what it is given. [things.replaced] Where it fails, some are
	// removed, and the call is repeated. What is not there is no error. It is for a
	// tenant that nothing is called about meanwhile, as RemoveTenant is.
	RemoveThings(ctx context.Context, tenant string, things []Thing) error
}

// Change is something that a list of changes names.
type Change struct {
	Number int64 // of its place in the list; in no order
	Thing  Thing
}

// ListLife is how long a list of changes is kept that no process names.
const ListLife = time.Hour

// ErrNoList means that there is no such list of changes (any more): what changed
// since it began is not known.
var ErrNoList = fmt.Errorf("the list of changes has ended: %w", ErrNotWritten)

// ChangeLister is implemented by stores that can list what changes of a tenant. A
// store that cannot is read as a whole instead to find it. Lines are not listed:
// they have change numbers.
type ChangeLister interface {
	// ListChanges begins a list of what changes of a tenant: each change that an
	// Export that begins after it does not show is listed, by whichever process it
	// is made, in the commit that makes it. [changes.all] It ends another list of the
	// tenant; the zero id begins none. A list is at its end too when no call named
	// it for ListLife and Purge is called.
	ListChanges(ctx context.Context, tenant string, list uuid.UUID) error

	// Changes returns at most limit of the things that changed since the list began
	// and were not dropped from it; zero means MaxPage. Each that a commit changed
	// before the call is among the first of them. A thing may be named twice. It is an
	// error wrapping ErrNoList if there is no such list. [changes.list]
	Changes(ctx context.Context, tenant string, list uuid.UUID, limit int) ([]Change, error)

	// DropChanges takes changes off the list. A thing that changes again is listed
	// again. [changes.dropped]
	DropChanges(ctx context.Context, tenant string, list uuid.UUID, changes []Change) error
}
