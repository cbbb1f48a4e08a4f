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

// Copier is implemented by stores whose contents can be copied to another
// store, of the same or another kind. Package store/move does that.
type Copier interface {
	// Count returns how many items ExportTenant yields of a tenant, or Export of
	// all if the tenant is empty, to show the progress of a copy. [copy.count] It
	// takes much less time than they do.
	Count(ctx context.Context, tenant string) (items int, err error)

	// Export yields everything that the store holds, of all tenants, each thing
	// once: what was learned about lines, how they were used, chats, records,
	// deliveries, consents and notes. [copy.all] Deliveries of one chat come in the order of their
	// commits. One that is leased is yielded as if its lease had run out, and one
	// that was forgotten is not yielded. [copy.order] The caller may end it early;
	// after an error it yields nothing more, unless that is a *UnreadableError,
	// which stands for one row (see Damaged). [copy.early] Things that change
	// meanwhile may be yielded as they were or as they are.
	Export(ctx context.Context) iter.Seq2[Item, error]

	// ExportTenant yields of one tenant what Export yields of all. [copy.tenant] It
	// takes as long as there is much of that tenant, and lines of all tenants: so
	// that a tenant can move while the others send. A tenant that CheckTenant
	// refuses is an error wrapping ErrInvalid.
	ExportTenant(ctx context.Context, tenant string) iter.Seq2[Item, error]

	// Import keeps each item that the store does not have, with all that the item
	// says, and returns how many items changed something. [copy.keeps] What the
	// store has already stays as it is: the chat of that id, the record of that
	// message or that key, the delivery of that message, the use of that line, the
	// consent of that person, the note of that name.
	// [copy.stays] States of a line are merged as ReportLine does. [copy.merges]
	// The set that a chat joins gets another revision, and the chat is placed
	// among the others by its activity. [copy.joins] A delivery comes behind those
	// of its chat that are there. [copy.behind]
	//
	// It keeps all of the items or none. Items that contradict themselves, and
	// more than MaxPage of them, are an error wrapping ErrInvalid. [copy.whole]
	// Where the store has no room for all of the records, the error wraps
	// ErrFull. [copy.full]
	Import(ctx context.Context, items []Item) (changed int, err error)
}

// Item is one thing that a store holds, for a Copier: exactly one of its
// pointers is set. Callers must not change what an item points to.
type Item struct {
	Tenant   string
	State    *line.State // its tenant is that of the item; its change number means nothing
	Use      *line.Use   // its tenant is that of the item; its change number means nothing
	Chat     *CopiedChat
	Record   *Record
	Delivery *CopiedDelivery
	Consent  *Consent
	Note     *Note
}

// CopiedChat is a chat with the people who left it, whom only Forget looks at.
type CopiedChat struct {
	Chat

	// Past names the people who took part and left, each by the key of the set
	// of that person alone, ordered by the bytes of the keys.
	Past []recipients.Key
}

// CopiedDelivery is a delivery with its attempts, and whether it waits or is
// parked.
type CopiedDelivery struct {
	Delivery
	At       time.Time // when it was decided
	Attempts int
	Parked   bool
	Why      ParkReason // zero unless it is parked
	Leave    bool       // Claimed.Leave
	Due      time.Time  // by the store's clock; zero, or a time that has come, means at once
}

// Check returns an error wrapping ErrInvalid when the item contradicts itself.
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

// CheckItems returns the error of the first item that contradicts itself, and one
// wrapping ErrInvalid when there are more than MaxPage of them.
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
