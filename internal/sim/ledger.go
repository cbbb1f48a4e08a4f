package sim

import (
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ledger is every commit that the store took, by the world's own reckoning.
type ledger struct {
	messages map[of[uuid.UUID]][]*entry
	keys     map[of[string]]*entry
	lines    map[of[recipients.Handle]]*lineBook
	chats    map[of[uuid.UUID]]*chatBook
	states   map[of[recipients.Handle]]line.State // what was said of each line, all together
	spoken   map[of[recipients.Handle]]time.Time  // of the latest event that went out
}

// of is something of a tenant.
type of[T comparable] struct {
	tenant string
	what   T
}

// entry is one commit.
type entry struct {
	plan   *store.Plan
	handed int // how often the message was handed over
	firsts int // answers that did not say that they are a replay
}

// lineBook is the chats that a line opened, by the hour that they count in.
type lineBook struct {
	newest int64
	hours  []int64
}

// chatBook is the messages of a chat in the order of their commits, and how many
// of them were handed over.
type chatBook struct {
	messages []uuid.UUID
	handed   int
}

func newLedger() *ledger {
	return &ledger{
		messages: map[of[uuid.UUID]][]*entry{}, keys: map[of[string]]*entry{},
		lines: map[of[recipients.Handle]]*lineBook{}, chats: map[of[uuid.UUID]]*chatBook{},
		states: map[of[recipients.Handle]]line.State{}, spoken: map[of[recipients.Handle]]time.Time{},
	}
}

// enter takes a commit in.
func (l *ledger) enter(p *store.Plan) {
	e := &entry{plan: p}
	id := of[uuid.UUID]{p.Tenant, p.MessageID}
	l.messages[id] = append(l.messages[id], e)
	if p.Key != "" {
		l.keys[of[string]{p.Tenant, p.Key}] = e
	}
	chat := of[uuid.UUID]{p.Tenant, p.ChatID}
	if l.chats[chat] == nil {
		l.chats[chat] = &chatBook{}
	}
	l.chats[chat].messages = append(l.chats[chat].messages, p.MessageID)
	if p.Reason == store.ReusedActiveChat {
		return
	}
	b := l.line(p.Tenant, p.Line)
	b.newest = max(b.newest, line.HourOf(p.At))
	b.hours = append(b.hours, b.newest)
}

func (l *ledger) line(tenant string, number recipients.Handle) *lineBook {
	id := of[recipients.Handle]{tenant, number}
	if l.lines[id] == nil {
		l.lines[id] = &lineBook{}
	}
	return l.lines[id]
}

// learn takes in what an event says of a line: of each fact the latest holds, and
// of those of one time the worst.
func (l *ledger) learn(tenant string, e fleet.Event) {
	id := of[recipients.Handle]{tenant, e.Number}
	known := l.states[id]
	newer := func(at time.Time, worse bool) bool { return e.ChangedAt.After(at) || e.ChangedAt.Equal(at) && worse }
	if e.Status != 0 && newer(known.StatusAt, e.Status > known.Status) {
		known.Status, known.StatusAt = e.Status, e.ChangedAt
	}
	if e.Reputation != 0 && newer(known.ReputationAt, e.Reputation > known.Reputation) {
		known.Reputation, known.ReputationAt = e.Reputation, e.ChangedAt
	}
	l.states[id] = known
}

// flag takes in that a delivery found a line flagged, which is later than all that
// was said of its status before.
func (l *ledger) flag(tenant string, number recipients.Handle, at time.Time) {
	id := of[recipients.Handle]{tenant, number}
	known := l.states[id]
	if known.Status != line.Flagged {
		if !at.After(known.StatusAt) {
			at = known.StatusAt.Add(time.Microsecond)
		}
		known.Status, known.StatusAt = line.Flagged, at
	}
	l.states[id] = known
}

// window counts what a line opened in the window of an hour, or of its newest.
func (b *lineBook) window(hour int64) int {
	n := 0
	for _, h := range b.hours {
		if h > max(hour, b.newest)-25 {
			n++
		}
	}
	return n
}

// purge forgets keys that expired before a time; a key may then be used anew.
func (l *ledger) purge(before time.Time) {
	for id, e := range l.keys {
		if e.plan.KeepUntil.Before(before) {
			delete(l.keys, id)
		}
	}
}

// handedOver checks law 18: in the order of commits, the first time.
func (l *ledger) handedOver(c store.Claimed) {
	d := c.Delivery
	entries := l.messages[of[uuid.UUID]{c.Lease.Tenant, d.MessageID}]
	if len(entries) == 0 {
		broken(18, "message %s was handed over and never committed", d.MessageID)
	}
	chat := l.chats[of[uuid.UUID]{c.Lease.Tenant, d.ChatID}]
	if chat == nil {
		broken(18, "message %s was handed over in another chat", d.MessageID)
	}
	for _, e := range entries {
		e.handed++
	}
	for at, id := range chat.messages {
		switch {
		case id != d.MessageID || at < chat.handed:
		case at == chat.handed:
			chat.handed++
			return
		default:
			broken(18, "message %s was handed over before %s, which was committed earlier", id, chat.messages[chat.handed])
		}
	}
}
