package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// Copier is implemented by stores whose contents package store/move can copy to
// another store, of the same or another kind.
type Copier interface {
	// Count returns how many items ExportTenant yields of a tenant, or Export
	// of all if the tenant is empty, to show the progress of a copy.
	// [copy.count] A store counts in its indexes and decodes nothing. That may
	// include the entries of other tenants. The error wraps ErrInvalid for
	// another tenant that CheckTenant refuses. [copy.counted]
	Count(ctx context.Context, tenant string) (items int, err error)

	// Export yields everything in the store, of all tenants, each thing once:
	// states and use of lines, chats, records, deliveries, consents and notes.
	// [copy.all] It yields deliveries of one chat in the order of their
	// commits, leased ones as if their leases had run out, and no forgotten
	// ones. [copy.order] The caller may end it early. After an error it yields
	// nothing more, unless that is a *UnreadableError, which stands for one row
	// (see Damaged). [copy.early] It may yield things that change meanwhile as
	// they were or as they are.
	Export(ctx context.Context) iter.Seq2[Item, error]

	// ExportTenant yields of one tenant what Export yields of all.
	// [copy.tenant] Its time grows with the size of that tenant, and with the
	// number of lines of all tenants: so a tenant can move while the others
	// send. The error wraps ErrInvalid for a tenant that CheckTenant refuses.
	ExportTenant(ctx context.Context, tenant string) iter.Seq2[Item, error]

	// Import keeps each item that the store does not have, whole, and returns
	// how many items changed something. [copy.keeps] It changes nothing that
	// the store has: the chat with that id, the record of that message or key,
	// the delivery of that message, the use of that line, the consent of that
	// person, the note with that name. [copy.stays] It merges states of lines
	// as ReportLine does. [copy.merges] The set that a chat joins gets another
	// revision, and the chat is placed among the others by its activity.
	// [copy.joins] A delivery comes after those of its chat that are there.
	// [copy.behind]
	//
	// It keeps all of the items or none. Items that contradict themselves, and
	// more than MaxPage of them, are an error wrapping ErrInvalid. [copy.whole]
	// If the store has no room for all of the records, the error wraps ErrFull.
	// [copy.full]
	Import(ctx context.Context, items []Item) (changed int, err error)
}

// Item is one thing in a store, for a Copier: exactly one of its pointers is
// set. Callers must not change the values behind the pointers.
type Item struct {
	Tenant   string
	State    *line.State // its tenant is that of the item; its change number has no meaning
	Use      *line.Use   // its tenant is that of the item; its change number has no meaning
	Chat     *CopiedChat
	Record   *Record
	Delivery *CopiedDelivery
	Consent  *Consent
	Note     *Note
}

// CopiedChat is a chat with the people who left it; only Forget needs them.
type CopiedChat struct {
	Chat

	// Past names the people who took part and left, each by the key of the set
	// of that person alone, ordered by the bytes of the keys.
	Past []recipients.Key
}

// CopiedDelivery is a delivery with its state in the outbox.
type CopiedDelivery struct {
	Delivery
	At       time.Time // when it was decided
	Attempts int
	Parked   bool
	Why      ParkReason // zero unless it is parked
	Leave    bool       // Claimed.Leave
	Due      time.Time  // by the store's clock; zero or a past time means at once
}

// Check returns an error wrapping ErrInvalid if the item contradicts itself.
func (i *Item) Check() error {
	if err := CheckTenant(i.Tenant); err != nil {
		return err
	}
	n := 0
	for _, set := range []bool{i.State != nil, i.Use != nil, i.Chat != nil, i.Record != nil, i.Delivery != nil, i.Consent != nil, i.Note != nil} {
		if set {
			n++
		}
	}
	switch {
	case n != 1:
		return invalid(fmt.Sprintf("the item is %d things", n))
	case i.State != nil:
		return cmp.Or(sameTenant(i.Tenant, i.State.Tenant), CheckState(*i.State))
	case i.Use != nil:
		return cmp.Or(sameTenant(i.Tenant, i.Use.Tenant), checkLine(i.Use.Number))
	case i.Chat != nil:
		return i.Chat.check()
	case i.Record != nil:
		return i.Record.check()
	case i.Consent != nil:
		return i.Consent.check()
	case i.Note != nil:
		return i.Note.check()
	}
	return i.Delivery.check()
}

// CheckItems returns the error of the first item that contradicts itself, and
// one wrapping ErrInvalid if there are more than MaxPage items.
func CheckItems(items []Item) error {
	if len(items) > MaxPage {
		return invalid(fmt.Sprintf("%d items are more than %d", len(items), MaxPage))
	}
	for i := range items {
		if err := items[i].Check(); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

func sameTenant(tenant, other string) error {
	if tenant != other {
		return invalid("the item is of another tenant than what it holds")
	}
	return nil
}

func checkLine(number recipients.Handle) error {
	if !number.IsPhone() {
		return invalid("the line is not a phone number")
	}
	return nil
}

func (c *CopiedChat) check() error {
	switch {
	case c.ID == uuid.Nil:
		return invalid("the chat id is zero")
	case c.Roster.Set().Contains(c.Line):
		return invalid("the line is listed among the participants: leave it out")
	case !c.Roster.Since().Equal(Micros(c.CreatedAt)):
		return invalid("the roster begins at another time than the chat")
	case c.ActiveAt.Before(c.CreatedAt):
		return invalid("the chat was active before it was created")
	case (c.Successor != uuid.Nil) != !c.SucceededAt.IsZero():
		return invalid("a successor goes with its time, and only with it")
	}
	return cmp.Or(checkLine(c.Line), checkTime("creation time", c.CreatedAt), checkTime("time of the last activity", c.ActiveAt))
}

func (r *Record) check() error {
	switch {
	case r.MessageID == uuid.Nil || r.ChatID == uuid.Nil:
		return invalid("an id is zero")
	case !r.Reason.isValid():
		return invalid(fmt.Sprintf("unknown reason %d", r.Reason))
	case (r.PreviousChatID != uuid.Nil) != (r.Reason == FailoverFlagged):
		return invalid("an abandoned chat goes with failover, and only with it")
	}
	return cmp.Or(
		checkLine(r.Line), checkTime("time", r.At),
		checkTime("time until which the record is kept", r.KeepUntil), r.checkTexts(),
		checkTimeOrZero("time from which the delivery is due", r.NotBefore),
	)
}

func (d *CopiedDelivery) check() error {
	switch {
	case d.MessageID == uuid.Nil || d.ChatID == uuid.Nil:
		return invalid("an id is zero")
	case d.To.Len() == 0:
		return invalid("the delivery has no recipients")
	case !d.Reason.isValid():
		return invalid(fmt.Sprintf("unknown reason %d", d.Reason))
	case d.Parked != d.Why.IsValid():
		return invalid("a delivery is parked for a reason, and only a parked one has one")
	case d.Attempts < 0:
		return invalid("the number of attempts is negative")
	}
	return cmp.Or(checkLine(d.From), checkTime("time", d.At))
}

func (r Reason) isValid() bool { return r >= ReusedActiveChat && r <= FailoverFlagged }

// Format prints the tenant and the id of the item, under every verb, and no
// people, key or content.
func (i Item) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), i.Tenant+": "+i.name())
}

// LogValue returns what %+v prints.
func (i Item) LogValue() slog.Value { return printed(i) }

func (i Item) name() string {
	switch {
	case i.State != nil:
		return "state of line " + i.State.Number.String()
	case i.Use != nil:
		return "use of line " + i.Use.Number.String()
	case i.Chat != nil:
		return "chat " + i.Chat.ID.String()
	case i.Record != nil:
		return "record of message " + i.Record.MessageID.String()
	case i.Delivery != nil:
		return "delivery of message " + i.Delivery.MessageID.String()
	case i.Note != nil:
		return "note of " + i.Note.Of.String()
	}
	return "nothing"
}
