package etcd

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// queue holds the deliveries of one chat in the order of their commits, also
// the parked ones. Every decision of the outbox about a chat rests on this one
// value. The contents are in other keys.
type queue struct {
	tenant  string
	chat    uuid.UUID
	entries []entry
	lease   lease
	held    time.Time // Claim leaves the chat alone until then, because another chat goes first
	several bool      // whether other chats may have the same people
}

// entry is one delivery.
type entry struct {
	message  uuid.UUID
	place    uint64 // in the order of commits
	at       time.Time
	attempts int
	due      time.Time // zero if it is due at once
	parked   bool
	why      store.ParkReason // while it is parked
	leave    bool             // it must leave its line
	doomed   bool             // forgotten while it was leased: it goes when its lease ends
}

// lease is the last lease of the chat that was not settled. It may have run
// out.
type lease struct {
	message, token uuid.UUID // the zero token is no lease
	until          time.Time
}

func (l lease) holds(now time.Time) bool { return l.token != uuid.Nil && now.Before(l.until) }

// The flags of an entry.
const (
	flagParked = 1 << iota
	flagDoomed
	flagDue
	flagLeave
)

// The parts of a queue besides its entries.
const (
	hasLease = 1 << iota
	hasHeld
	hasSeveral
)

func readQueue(tenant string, chat uuid.UUID, v value) (*queue, error) {
	q := &queue{tenant: tenant, chat: chat}
	if !v.there() {
		return q, nil
	}
	r := newReader(v.bytes)
	r.list(func() {
		e := entry{message: r.id(), place: r.uint(), at: fromMicros(r.int()), attempts: int(r.uint())}
		flags := r.byte()
		e.parked, e.doomed = flags&flagParked != 0, flags&flagDoomed != 0
		e.leave = flags&flagLeave != 0
		if flags&flagDue != 0 {
			e.due = fromMicros(r.int())
		}
		if e.parked {
			e.why = store.ParkReason(r.byte())
		}
		q.entries = append(q.entries, e)
	})
	has := r.byte()
	if has&hasLease != 0 {
		q.lease = lease{message: r.id(), token: r.id(), until: fromMicros(r.int())}
	}
	if has&hasHeld != 0 {
		q.held = fromMicros(r.int())
	}
	q.several = has&hasSeveral != 0
	if err := r.end(); err != nil {
		return q, fmt.Errorf("deliveries of chat %s: %w", chat, err)
	}
	return q, nil
}

func (q *queue) bytes() []byte {
	w := newWriter()
	w.uint(uint64(len(q.entries)))
	for _, e := range q.entries {
		w.id(e.message)
		w.uint(e.place)
		w.int(micros(e.at))
		w.uint(uint64(e.attempts))
		var flags byte
		if e.parked {
			flags |= flagParked
		}
		if e.doomed {
			flags |= flagDoomed
		}
		if !e.due.IsZero() {
			flags |= flagDue
		}
		if e.leave {
			flags |= flagLeave
		}
		w.byte(flags)
		if !e.due.IsZero() {
			w.int(micros(e.due))
		}
		if e.parked {
			w.byte(byte(e.why))
		}
	}
	var has byte
	if q.lease.token != uuid.Nil {
		has |= hasLease
	}
	if !q.held.IsZero() {
		has |= hasHeld
	}
	if q.several {
		has |= hasSeveral
	}
	w.byte(has)
	if has&hasLease != 0 {
		w.id(q.lease.message)
		w.id(q.lease.token)
		w.int(micros(q.lease.until))
	}
	if has&hasHeld != 0 {
		w.int(micros(q.held))
	}
	return w
}

// head returns the first delivery that is not parked, nil if there is none.
func (q *queue) head() *entry {
	for i := range q.entries {
		if !q.entries[i].parked {
			return &q.entries[i]
		}
	}
	return nil
}

func (q *queue) find(message uuid.UUID) *entry {
	for i := range q.entries {
		if q.entries[i].message == message {
			return &q.entries[i]
		}
	}
	return nil
}

func (q *queue) remove(message uuid.UUID) {
	q.entries = slices.DeleteFunc(q.entries, func(e entry) bool { return e.message == message })
	if q.lease.message == message {
		q.lease = lease{}
	}
}

// marker returns the key that says when Claim looks at a queue next. It is
// empty if nothing waits.
func (s *Store) marker(q *queue) string {
	head := q.head()
	if head == nil {
		return ""
	}
	var wake int64
	switch {
	case q.lease.token != uuid.Nil:
		wake = micros(q.lease.until)
	case q.held.After(head.due):
		wake = micros(q.held)
	case !head.due.IsZero():
		wake = micros(head.due)
	}
	return s.of(kindDue) + ordered(uint64(wake)) + ordered(head.place) + q.tenant + "\x00" + string(q.chat[:])
}

// queue returns the queue of a chat, and the key of its mark.
func (t *tx) queue(tenant string, chat uuid.UUID) (q *queue, marked string) {
	q, err := readQueue(tenant, chat, t.get(t.s.keyOf(kindQueue, tenant, chat)))
	t.damage(store.UnreadableDelivery, tenant, "of chat "+chat.String(), err)
	return q, t.s.marker(q)
}

// queueOf returns the queue of the chat of a message. It does not need a
// readable delivery.
func (t *tx) queueOf(tenant string, message uuid.UUID) (q *queue, marked string) {
	d, err := content(message, t.get(t.s.keyOf(kindContent, tenant, message)))
	if d.ChatID == uuid.Nil {
		t.damage(store.UnreadableDelivery, tenant, message.String(), err)
	}
	return t.queue(tenant, d.ChatID)
}

// saveQueue writes a queue, and moves its mark.
func (t *tx) saveQueue(q *queue, marked string) {
	key := t.s.keyOf(kindQueue, q.tenant, q.chat)
	if len(q.entries) == 0 {
		t.del(key)
	} else {
		t.put(key, q.bytes())
	}
	now := t.s.marker(q)
	if marked != "" && marked != now {
		t.del(marked)
	}
	if now != "" {
		head := q.head().message
		t.put(now, head[:])
	}
}

// waits lists a waiting delivery, for the backlog.
func (t *tx) waits(tenant string, e *entry) {
	t.put(t.s.keyAt(kindOldest, micros(e.at), tenant, e.message), nil)
}

func (t *tx) waitsNot(tenant string, e *entry) {
	t.del(t.s.keyAt(kindOldest, micros(e.at), tenant, e.message))
}

// content reads a delivery.
func content(message uuid.UUID, v value) (d store.Delivery, err error) {
	d.MessageID = message
	if !v.there() {
		return d, nil
	}
	r := newReader(v.bytes)
	if d.ChatID = r.id(); r.err == nil && len(r.rest) > 0 {
		r.err = packed.ReadDelivery(r.rest, &d)
	}
	if r.err != nil {
		err = fmt.Errorf("delivery of message %s: %w", message, r.err)
	}
	return d, err
}

// drop removes a delivery for good.
func (t *tx) drop(q *queue, e entry) {
	t.del(t.s.keyOf(kindContent, q.tenant, e.message))
	switch {
	case e.doomed:
		t.del(t.s.keyOf(kindDoomed, q.tenant, e.message))
	case e.parked:
		t.del(t.s.keyOf(kindParked, q.tenant, e.message))
	default:
		t.waitsNot(q.tenant, &e)
	}
	q.remove(e.message)
}

// parkedValue is the value in the list of parked deliveries.
func parkedValue(e *entry) []byte {
	w := newWriter()
	w.int(micros(e.at))
	w.uint(uint64(e.attempts))
	w.byte(byte(e.why))
	return w
}

// doomedValue is the value in the list of forgotten deliveries that are leased.
func doomedValue(e *entry, until time.Time) []byte {
	w := newWriter()
	w.int(micros(e.at))
	w.int(micros(until))
	return w
}
