package packed

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Item packs all of an item, so that equal items have equal bytes. No function
// reads them back, so they have no version.
func Item(i *store.Item) []byte {
	w := make(writer, 0, 256)
	w.text(i.Tenant)
	switch {
	case i.State != nil:
		w.state(i.State)
	case i.Use != nil:
		w.use(i.Use)
	case i.Chat != nil:
		w.chat(i.Chat)
	case i.Record != nil:
		w.text(i.Record.Key)
		w.id(i.Record.MessageID)
		w.id(i.Record.ChatID)
		w.time(i.Record.KeepUntil)
		w = append(w, Record(i.Record)...)
	case i.Consent != nil:
		c := i.Consent
		name := c.Name.Bytes()
		w = append(w, name[:]...)
		w.bool(c.Person.IsValid())
		if c.Person.IsValid() {
			w.handle(c.Person)
		}
		w.bool(c.OptedOut)
		w.timeOrZero(c.OptedAt)
		w.bool(c.Blocked)
		w.timeOrZero(c.BlockedAt)
		w.text(c.Reason)
		w.bool(c.Allowed)
	case i.Note != nil:
		n := i.Note
		w.text(n.Name)
		w.id(n.Of)
		w.bool(n.OfMessage)
		w.text(string(n.Body))
		w.uint(uint64(len(n.Names)))
		for _, name := range n.Names {
			b := name.Bytes()
			w = append(w, b[:]...)
		}
	case i.Delivery != nil:
		d := i.Delivery
		w.id(d.MessageID)
		w.id(d.ChatID)
		w.timeOrZero(d.At)
		w.uint(uint64(d.Attempts))
		w.bool(d.Parked)
		w.byte(byte(d.Why))
		w.bool(d.Leave)
		w.timeOrZero(d.Due)
		w = append(w, Delivery(&d.Delivery)...)
	}
	return w
}

func (w *writer) state(s *line.State) {
	w.handle(s.Number)
	for _, fact := range []struct {
		value byte
		at    time.Time
	}{{byte(s.Status), s.StatusAt}, {byte(s.Reputation), s.ReputationAt}, {byte(s.Ownership), s.OwnershipAt}} {
		w.byte(fact.value)
		w.timeOrZero(fact.at)
	}
	w.timeOrZero(s.FlaggedAt)
	w.timeOrZero(s.RecoveredAt)
}

func (w *writer) use(u *line.Use) {
	w.handle(u.Number)
	w.int(u.Hour)
	w.int(u.MessagesHour)
	for i := range u.NewChats {
		w.uint(uint64(u.NewChats[i]))
		w.uint(uint64(u.Failovers[i]))
		w.uint(uint64(u.Messages[i]))
	}
	w.timeOrZero(u.PacedAt)
}

func (w *writer) chat(c *store.CopiedChat) {
	w.id(c.ID)
	w.handle(c.Line)
	w.roster(c.Roster)
	w.byte(byte(c.Service))
	w.bool(c.Named)
	w.bool(c.LineLeft)
	w.time(c.CreatedAt)
	w.time(c.ActiveAt)
	w.id(c.Successor)
	w.timeOrZero(c.SucceededAt)
	for _, name := range c.Past {
		b := name.Bytes()
		*w = append(*w, b[:]...)
	}
}

func (w *writer) bool(b bool) {
	if b {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

// timeOrZero writes a time that may be zero.
func (w *writer) timeOrZero(t time.Time) {
	w.bool(!t.IsZero())
	if !t.IsZero() {
		w.time(t)
	}
}
