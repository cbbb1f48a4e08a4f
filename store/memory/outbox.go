package memory

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// delivery is one delivery.
type delivery struct {
	store.CopiedDelivery
	tenant *tenancy
	queue  *queue // nil while it is parked
	commit uint64 // its place in the order of commits
}

// queue is the deliveries of one chat that are not parked.
type queue struct {
	tenant  *tenancy
	chat    uuid.UUID
	waiting []*delivery // in the order of commits, the leased one among them
	leased  *delivery   // the one that was claimed; its lease may have run out
	token   uuid.UUID   // of that lease
	until   time.Time   // of that lease
	held    time.Time   // until when it is not looked at, since another chat goes first
	wake    time.Time   // when to look at it next
	first   uint64      // the commit of the first that waits
}

// heldFor is after how long a chat that waits for another is looked at again.
const heldFor = 200 * time.Millisecond

// dueBefore orders queues by when to look at them next, and then by their first
// deliveries.
func dueBefore(a, b *queue) bool {
	return cmp.Or(a.wake.Compare(b.wake), cmp.Compare(a.first, b.first)) < 0
}

// decidedBefore orders deliveries by when they were decided.
func decidedBefore(a, b *delivery) bool {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.commit, b.commit)) < 0
}

// behind says whether what was committed before a delivery waits in another
// chat with the same people.
func (t *tenancy) behind(d *delivery) bool {
	c := t.chats[d.ChatID]
	return c != nil && c.set != nil && slices.ContainsFunc(c.set.chats, func(o *chat) bool {
		return o != c && t.queues[o.id] != nil && t.queues[o.id].first < d.commit
	})
}

// enqueue adds a delivery to those that wait.
func (s *Store) enqueue(t *tenancy, from store.CopiedDelivery) *delivery {
	s.commits++
	d := &delivery{CopiedDelivery: from, tenant: t, commit: s.commits}
	t.deliveries[d.MessageID] = d
	s.wait(d)
	return d
}

// wait puts a delivery into its place among those of its chat.
func (s *Store) wait(d *delivery) {
	d.Parked, d.queue = false, d.tenant.queues[d.ChatID]
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

// waitAgain is wait for a delivery that was taken out. The queue of its chat is
// then looked at when its first delivery is due, unless one of it is leased.
func (s *Store) waitAgain(d *delivery) {
	s.wait(d)
	if q := d.queue; q.leased == nil || !s.now().Before(q.until) {
		s.change(q, func(q *queue) { q.leased, q.held = nil, time.Time{} })
	}
}

// takeOut takes a delivery out of the queue of its chat, or out of those that
// are parked.
func (s *Store) takeOut(d *delivery) {
	if d.Parked {
		d.tenant.parked.Delete(d)
		s.parked--
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
	d.Parked = true
	d.tenant.parked.Set(d)
	s.parked++
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
	q.first, q.wake = q.waiting[0].commit, q.waiting[0].Due
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

// decided returns the delivery of a plan with content.
func decided(p *store.Plan) store.CopiedDelivery {
	d, _ := p.Delivery()
	return ownDelivery(store.CopiedDelivery{Delivery: d, At: p.At, Due: p.NotBefore})
}

// ownDelivery returns a delivery that shares no memory, with times in
// microseconds.
func ownDelivery(d store.CopiedDelivery) store.CopiedDelivery {
	d.Content, d.Terms = bytes.Clone(d.Content), bytes.Clone(d.Terms)
	d.At, d.Due = store.Micros(d.At), store.Micros(d.Due)
	return d
}
