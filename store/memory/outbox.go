package memory

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/btree"

	"github.com/fromline/fromline/store"
)

// outbox is the deliveries of all tenants in their orders.
type outbox struct {
	commits uint64                   // how many deliveries were enqueued
	due     *btree.BTreeG[*queue]    // with something waiting, the first to be looked at first
	waiting *btree.BTreeG[*delivery] // the first decided first
	parked  *btree.BTreeG[*delivery] // by tenant and message id
	doomed  map[*delivery]bool       // forgotten while leased: they go with their lease
}

// delivery is one delivery.
type delivery struct {
	store.Delivery
	tenant   *tenant
	queue    *queue // nil while it is parked
	commit   uint64 // its place in the order of commits
	at       time.Time
	attempts int
	why      store.ParkReason // while it is parked
	leave    bool             // its line
	notUntil time.Time        // for its retry
	token    uuid.UUID        // of its lease, zero when there is none
}

// queue is the deliveries of one chat that are not parked.
type queue struct {
	tenant  *tenant
	chat    uuid.UUID
	waiting []*delivery // in the order of commits, the leased one among them
	leased  *delivery   // the one that was claimed; its lease may have run out
	until   time.Time   // of that lease
	held    time.Time   // until when it is not looked at, since another chat goes first
	wake    time.Time   // when to look at it next
	first   uint64      // the commit of the first that waits
}

// heldFor is after how long a chat that waits for another is looked at again.
const heldFor = 200 * time.Millisecond

// behind says whether what was committed before a delivery waits in another chat
// with the same people.
func (t *tenant) behind(d *delivery) bool {
	c := t.chats[d.ChatID]
	if c == nil || c.set == nil || len(c.set.chats) == 1 {
		return false
	}
	for _, o := range c.set.chats {
		if q := t.queues[o.id]; q != nil && o != c && q.first < d.commit {
			return true
		}
	}
	return false
}

func newOutbox() outbox {
	return outbox{
		due: newTree(func(a, b *queue) bool {
			return cmp.Or(a.wake.Compare(b.wake), cmp.Compare(a.first, b.first)) < 0
		}),
		waiting: newTree(func(a, b *delivery) bool {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.commit, b.commit)) < 0
		}),
		parked: newTree(func(a, b *delivery) bool {
			return cmp.Or(strings.Compare(a.tenant.name, b.tenant.name), bytes.Compare(a.MessageID[:], b.MessageID[:])) < 0
		}),
		doomed: make(map[*delivery]bool),
	}
}

// enqueue adds a delivery that is due at a time, which may be zero for at once.
func (s *Store) enqueue(t *tenant, from *store.Delivery, at, due time.Time) *delivery {
	s.commits++
	d := &delivery{Delivery: handedOver(*from), tenant: t, commit: s.commits, at: at, notUntil: due}
	t.deliveries[d.MessageID] = d
	s.wait(d)
	return d
}

// wait puts a delivery into its place among those of its chat.
func (s *Store) wait(d *delivery) {
	d.queue = d.tenant.queues[d.ChatID]
	if d.queue == nil {
		d.queue = &queue{tenant: d.tenant, chat: d.ChatID}
		d.tenant.queues[d.ChatID] = d.queue
	}
	s.waiting.Load(d) // mostly behind all others
	s.change(d.queue, func(q *queue) {
		i, _ := slices.BinarySearchFunc(q.waiting, d.commit, func(d *delivery, commit uint64) int { return cmp.Compare(d.commit, commit) })
		q.waiting = slices.Insert(q.waiting, i, d)
	})
}

// takeOut takes a delivery out of the queue of its chat, or out of those that are
// parked.
func (s *Store) takeOut(d *delivery) {
	if d.queue == nil {
		s.parked.Delete(d)
		return
	}
	s.waiting.Delete(d)
	s.change(d.queue, func(q *queue) {
		q.waiting = slices.DeleteFunc(q.waiting, func(other *delivery) bool { return other == d })
		if q.leased == d {
			q.leased = nil
		}
	})
	d.queue = nil
}

// park puts a delivery that waits among those that are parked.
func (s *Store) park(d *delivery) {
	s.takeOut(d)
	s.parked.Set(d)
}

// remove takes a delivery out for good.
func (s *Store) remove(d *delivery) {
	s.takeOut(d)
	delete(d.tenant.deliveries, d.MessageID)
	delete(s.doomed, d)
}

// change changes a queue and puts it where it then belongs among those that are
// due: nowhere if nothing is in it.
func (s *Store) change(q *queue, do func(*queue)) {
	if len(q.waiting) > 0 {
		s.due.Delete(q)
	}
	if do(q); len(q.waiting) == 0 {
		delete(q.tenant.queues, q.chat)
		return
	}
	q.first, q.wake = q.waiting[0].commit, q.waiting[0].notUntil
	if q.held.After(q.wake) {
		q.wake = q.held
	}
	if q.leased != nil {
		q.wake = q.until
	}
	s.due.Set(q)
}

// leased says whether a delivery is leased at a time.
func (d *delivery) leased(now time.Time) bool {
	return d.queue != nil && d.queue.leased == d && now.Before(d.queue.until)
}

// sweep removes what was forgotten while it was leased and is no longer.
func (s *Store) sweep(now time.Time) {
	for d := range s.doomed {
		if !d.leased(now) {
			s.remove(d)
		}
	}
}

// handedOver returns a delivery that shares no content with the one given.
func handedOver(d store.Delivery) store.Delivery {
	d.Content, d.Terms = bytes.Clone(d.Content), bytes.Clone(d.Terms)
	return d
}
