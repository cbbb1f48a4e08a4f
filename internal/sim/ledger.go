package sim

import (
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// ledger is every commit of the store, as the world counts them.
type ledger struct {
	messages map[of[uuid.UUID]][]*entry // of each message first the commit, then each reroute
	keys     map[of[string]]*entry
	lines    map[of[recipients.Handle]]*lineBook
	chats    map[of[uuid.UUID]]*chatBook
	states   map[of[recipients.Handle]]line.State // all reports about each line, merged
	turns    map[of[recipients.Handle]]*turns     // when each line was reported flagged and active
	spoken   map[of[recipients.Handle]]time.Time  // time of the latest event about each line
	places   int                                  // how many there are, in the order of commits
}

// of is a thing of a tenant.
type of[T comparable] struct {
	tenant string
	what   T
}

// entry is a commit or a reroute of a message.
type entry struct {
	*track
	plan   *store.Plan
	until  int // the step at which a reroute replaced it; 0 if none has
	firsts int // answers that were not marked as replays
}

// track is the state of a message, on any line.
type track struct {
	send    *send
	at      time.Time // when it was first decided
	place   int       // in the order of commits
	handed  int       // how often it was handed over
	settled bool      // whether that was acknowledged
	parked  bool
	dropped bool
	leaves  recipients.Handle // the line that it was released to leave
}

// waits reports whether a message holds back later ones.
func (m *track) waits() bool { return m.handed == 0 && !m.parked && !m.dropped }

// lineBook is the chats that a line opened, by the hour in which they count.
type lineBook struct {
	newest int64
	hours  []int64

	failovers []int64 // their hours
	pacedAt   time.Time
}

// chatBook is the messages in a chat now.
type chatBook struct{ messages map[uuid.UUID]*track }

func newLedger() *ledger {
	return &ledger{
		messages: map[of[uuid.UUID]][]*entry{}, keys: map[of[string]]*entry{},
		lines: map[of[recipients.Handle]]*lineBook{}, chats: map[of[uuid.UUID]]*chatBook{},
		turns: map[of[recipients.Handle]]*turns{}, states: map[of[recipients.Handle]]line.State{}, spoken: map[of[recipients.Handle]]time.Time{},
	}
}

// enter records a commit.
func (l *ledger) enter(s *send, p *store.Plan) {
	l.places++
	l.put(&entry{track: &track{send: s, at: p.At, place: l.places}, plan: p})
}

// reroute records a reroute.
func (l *ledger) reroute(step int, e *entry, p *store.Plan) {
	e.until, e.leaves = step, recipients.Handle{}
	delete(l.chat(p.Tenant, e.plan.ChatID).messages, p.MessageID)
	l.put(&entry{track: e.track, plan: p})
}

func (l *ledger) put(e *entry) {
	p := e.plan
	id := of[uuid.UUID]{p.Tenant, p.MessageID}
	l.messages[id] = append(l.messages[id], e)
	if p.Key != "" {
		l.keys[of[string]{p.Tenant, p.Key}] = e
	}
	l.chat(p.Tenant, p.ChatID).messages[p.MessageID] = e.track
	if p.Reason == store.ReusedActiveChat {
		return
	}
	b := l.line(p.Tenant, p.Line)
	b.bounded(p)
	b.newest = max(b.newest, line.HourOf(p.At))
	b.hours = append(b.hours, b.newest)
}

func (l *ledger) chat(tenant string, id uuid.UUID) *chatBook {
	chat := of[uuid.UUID]{tenant, id}
	if l.chats[chat] == nil {
		l.chats[chat] = &chatBook{messages: map[uuid.UUID]*track{}}
	}
	return l.chats[chat]
}

// last returns the latest entry of a message.
func (l *ledger) last(tenant string, id uuid.UUID) *entry {
	entries := l.messages[of[uuid.UUID]{tenant, id}]
	if len(entries) == 0 {
		return nil
	}
	return entries[len(entries)-1]
}

// sendOf returns the send of a delivery.
func (l *ledger) sendOf(c store.Claimed) *send {
	e := l.last(c.Lease.Tenant, c.Lease.MessageID)
	if e == nil {
		broken(18, "message %s was claimed and never committed", c.Lease.MessageID)
	}
	return e.send
}

// park records that a message is parked, and treat what an operator did to it.
func (l *ledger) park(c store.Claimed) { l.last(c.Lease.Tenant, c.Lease.MessageID).parked = true }

func (l *ledger) treat(tenant string, id uuid.UUID, remedy delivery.Remedy) {
	e := l.last(tenant, id)
	e.parked, e.dropped, e.leaves = false, remedy == delivery.Drop, recipients.Handle{}
	if remedy == delivery.Reroute {
		e.leaves = e.plan.Line
	}
}

func (l *ledger) line(tenant string, number recipients.Handle) *lineBook {
	id := of[recipients.Handle]{tenant, number}
	if l.lines[id] == nil {
		l.lines[id] = &lineBook{}
	}
	return l.lines[id]
}

// learn records a report about a line: of each fact the latest holds, and at
// the same time the worst.
func (l *ledger) learn(tenant string, e fleet.Event) {
	id := of[recipients.Handle]{tenant, e.Number}
	known := l.states[id]
	l.turn(id, e.Status, e.ChangedAt)
	newer := func(at time.Time, worse bool) bool { return e.ChangedAt.After(at) || e.ChangedAt.Equal(at) && worse }
	if e.Status != 0 && newer(known.StatusAt, e.Status > known.Status) {
		known.Status, known.StatusAt = e.Status, e.ChangedAt
	}
	if e.Reputation != 0 && newer(known.ReputationAt, e.Reputation > known.Reputation) {
		known.Reputation, known.ReputationAt = e.Reputation, e.ChangedAt
	}
	l.states[id] = known
}

// flag records that a delivery found a line flagged. That is later than every
// report of its status before.
func (l *ledger) flag(tenant string, number recipients.Handle, at time.Time) {
	id := of[recipients.Handle]{tenant, number}
	known := l.states[id]
	if known.Status != line.Flagged {
		if !at.After(known.StatusAt) {
			at = known.StatusAt.Add(time.Microsecond)
		}
		known.Status, known.StatusAt = line.Flagged, at
		l.turn(id, line.Flagged, at)
	}
	l.states[id] = known
}

// window counts the chats of a line in the window of an hour, or of its newest
// hour if that is later.
func (b *lineBook) window(hour int64) int {
	n := 0
	for _, h := range b.hours {
		if h > max(hour, b.newest)-25 {
			n++
		}
	}
	return n
}

// purge forgets keys that expired before a time. They can be used again.
func (l *ledger) purge(before time.Time) {
	for id, e := range l.keys {
		if e.plan.KeepUntil.Before(before) {
			delete(l.keys, id)
		}
	}
}

// claimed checks law 18 for a delivery that is claimed for the first time: no
// earlier one waits in its chat, or in others with the same people.
func (l *ledger) claimed(c store.Claimed, others []uuid.UUID) {
	l.sendOf(c)
	e := l.last(c.Lease.Tenant, c.Lease.MessageID)
	if e.handed > 0 || c.Unsettled { // it was claimed before
		return
	}
	first, which := e.place, uuid.Nil // the earliest, so that a world always reports the same
	for _, chat := range append(others, c.Delivery.ChatID) {
		for id, m := range l.chat(c.Lease.Tenant, chat).messages {
			if m.place < first && m.waits() {
				first, which = m.place, id
			}
		}
	}
	if which != uuid.Nil {
		broken(18, "message %s is claimed before %s, which was committed earlier", c.Delivery.MessageID, which)
	}
}

// handedOver checks law 18 for a message that is handed over: it goes where it
// was last decided to go.
func (l *ledger) handedOver(c store.Claimed) {
	d := c.Delivery
	e := l.last(c.Lease.Tenant, d.MessageID)
	switch {
	case e == nil:
		broken(18, "message %s was handed over and never committed", d.MessageID)
	case e.dropped || e.settled || e.parked:
		broken(18, "message %s was handed over, and is not in the outbox any more", d.MessageID)
	case d.From == e.leaves:
		broken(18, "message %s was handed over on the line that it was released to leave", d.MessageID)
	case e.plan.ChatID != d.ChatID || e.plan.Line != d.From:
		broken(18, "message %s was handed over on %s, and was decided for %s", d.MessageID, d.From.String(), e.plan.Line.String())
	}
	e.handed++
}
