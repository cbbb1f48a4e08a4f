package etcd

import (
	"cmp"
	"slices"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// placeOrder is the number of places for each revision of the cluster: more
// than the deliveries that one transaction can enqueue.
const placeOrder = 1 << 8

// enqueue adds a delivery behind the others of its chat, or at its place if it
// has one. Places follow the order of commits: everything that this process has
// seen, such as the set of the chat, is older than this write.
func (t *tx) enqueue(tenant string, d *store.Delivery, e entry, m *set) {
	q, marked := t.queue(tenant, d.ChatID)
	q.several = q.several || m != nil && len(m.chats) > 1
	if e.place == 0 {
		e.place = (uint64(t.s.seen.Load()) + 1) * placeOrder
		if n := len(q.entries); n > 0 {
			e.place = max(e.place, q.entries[n-1].place+1)
		}
	} else if !q.lease.holds(t.s.o.Clock()) { // it comes from another chat
		q.lease, q.held = lease{}, time.Time{}
	}
	i, _ := slices.BinarySearchFunc(q.entries, e.place, func(e entry, place uint64) int { return cmp.Compare(e.place, place) })
	q.entries = slices.Insert(q.entries, i, e)
	t.saveQueue(q, marked)
	if e.parked {
		t.put(t.s.keyOf(kindParked, tenant, e.message), parkedValue(&e))
	} else {
		t.waits(tenant, &e)
	}
	w := newWriter()
	w.id(d.ChatID)
	t.put(t.s.keyOf(kindContent, tenant, d.MessageID), append(w, packed.Delivery(d)...))
}
