package memory

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/btree"

	"github.com/fromline/fromline/store"
)

// outbox holds deliveries in a queue for each chat. It has one lock: what comes
// out of it goes to a network.
type outbox struct {
	now func() time.Time

	mu         sync.Mutex
	commits    uint64 // how many deliveries were enqueued
	deliveries map[owned[uuid.UUID]]*delivery
	queues     map[owned[uuid.UUID]]*queue

	due     *btree.BTreeG[*queue]    // with something waiting, the first to be looked at first
	waiting *btree.BTreeG[*delivery] // the first decided first
	parked  *btree.BTreeG[*delivery] // by tenant and message id
	doomed  map[*delivery]bool       // forgotten while leased: they go with their lease
}

// delivery is one delivery in the queue of its chat.
type delivery struct {
	store.Delivery
	tenant     tenantID
	tenantName string
	queue      *queue
	commit     uint64 // its place in the order of commits
	at         time.Time

	attempts int
	notUntil time.Time // for its retry
	token    uuid.UUID // of its lease, zero when there is none
	parked   bool
}

// queue is the deliveries of one chat.
type queue struct {
	name     owned[uuid.UUID]
	waiting  []*delivery // in the order of commits, the leased one among them
	parked   []*delivery
	leased   *delivery // the one that was claimed; its lease may have run out
	until    time.Time // of that lease
	wake     time.Time // when to look at it next
	position uint64    // the commit of the first that waits
}

func (o *outbox) init(now func() time.Time) {
	o.now = now
	o.deliveries = make(map[owned[uuid.UUID]]*delivery)
	o.queues = make(map[owned[uuid.UUID]]*queue)
	o.due = newTree(func(a, b *queue) bool {
		return cmp.Or(a.wake.Compare(b.wake), cmp.Compare(a.position, b.position)) < 0
	})
	o.waiting = newTree(func(a, b *delivery) bool {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.commit, b.commit)) < 0
	})
	o.parked = newTree(func(a, b *delivery) bool {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), bytes.Compare(a.MessageID[:], b.MessageID[:])) < 0
	})
	o.doomed = make(map[*delivery]bool)
}

// has says whether there is a delivery of a message.
func (o *outbox) has(t tenantID, messageID uuid.UUID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.deliveries[owned[uuid.UUID]{t, messageID}] != nil
}

// enqueue adds a delivery that is due at once. The chat is locked, so that
// deliveries of one chat come in the order of their commits.
func (o *outbox) enqueue(t tenantID, tenantName string, from *store.Delivery, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	name := owned[uuid.UUID]{t, from.ChatID}
	q := o.queues[name]
	if q == nil {
		q = &queue{name: name}
		o.queues[name] = q
	}
	o.commits++
	d := &delivery{
		Delivery: handedOver(*from), tenant: t, tenantName: tenantName, queue: q, commit: o.commits, at: store.Micros(at),
	}
	o.deliveries[owned[uuid.UUID]{t, d.MessageID}] = d
	o.change(q, func() { q.waiting = append(q.waiting, d) })
	o.waiting.Load(d) // mostly behind all others
}

// change changes a queue and puts it where it then belongs among those that are
// due.
func (o *outbox) change(q *queue, do func()) {
	if len(q.waiting) > 0 {
		o.due.Delete(q)
	}
	do()
	if len(q.waiting) == 0 {
		if len(q.parked) == 0 {
			delete(o.queues, q.name)
		}
		return
	}
	q.position = q.waiting[0].commit
	q.wake = q.waiting[0].notUntil
	if q.leased != nil {
		q.wake = q.until
	}
	o.due.Set(q)
}

// remove takes a delivery out for good.
func (o *outbox) remove(d *delivery) {
	o.takeOut(d)
	delete(o.deliveries, owned[uuid.UUID]{d.tenant, d.MessageID})
	delete(o.doomed, d)
}

// takeOut takes a delivery out of the queue of its chat.
func (o *outbox) takeOut(d *delivery) {
	q := d.queue
	same := func(other *delivery) bool { return other == d }
	if d.parked {
		o.parked.Delete(d)
		o.change(q, func() { q.parked = slices.DeleteFunc(q.parked, same) })
		return
	}
	o.waiting.Delete(d)
	o.change(q, func() {
		q.waiting = slices.DeleteFunc(q.waiting, same)
		if q.leased == d {
			q.leased = nil
		}
	})
}

// sweep removes what was forgotten while it was leased and is no longer.
func (o *outbox) sweep(now time.Time) {
	for d := range o.doomed {
		if d.queue.leased != d || !now.Before(d.queue.until) {
			o.remove(d)
		}
	}
}

// forget removes the deliveries of chats, those that are leased when they no
// longer are.
func (o *outbox) forget(t tenantID, chats map[uuid.UUID]bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for id := range chats {
		q := o.queues[owned[uuid.UUID]{t, id}]
		if q == nil {
			continue
		}
		for _, d := range slices.Concat(q.waiting, q.parked) {
			if q.leased == d && now.Before(q.until) {
				o.doomed[d] = true
			} else {
				o.remove(d)
			}
		}
	}
}

// handedOver returns a delivery that shares no content with the one given.
func handedOver(d store.Delivery) store.Delivery {
	d.Content = bytes.Clone(d.Content)
	return d
}
