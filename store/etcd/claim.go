package etcd

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/aside"
)

// claimed is the largest number of chats in one transaction of a claim: each
// takes up to four operations.
const claimed = 18

// Claim implements store.Outbox. It walks the chats in the order of their
// marks, and leases as many as one transaction holds at a time.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) (all []store.Claimed, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckLease(lease), err)); err != nil {
		return nil, err
	}
	from := s.of(kindDue)
	for len(all) < limit {
		until := s.of(kindDue) + ordered(uint64(micros(store.Micros(s.o.Clock())))+1)
		page := min(limit-len(all), claimed)
		answer, err := s.get(ctx, from, clientv3.WithRange(until), clientv3.WithLimit(int64(page)))
		if err != nil {
			return all, s.some(all, err)
		}
		if len(answer.Kvs) == 0 {
			break
		}
		var marks []mark
		for _, kv := range answer.Kvs {
			if m := s.readMark(string(kv.Key), kv.Value); !slices.Contains(except, m.tenant) {
				marks = append(marks, m)
			}
		}
		some, err := s.claim(ctx, marks, lease)
		all = append(all, some...)
		if err != nil {
			return all, s.some(all, err)
		}
		if !answer.More {
			break
		}
		from = string(answer.Kvs[len(answer.Kvs)-1].Key) + "\x00"
	}
	return all, nil
}

// some drops the error if anything was claimed: the caller must get those
// deliveries.
func (s *Store) some(all []store.Claimed, err error) error {
	if len(all) > 0 {
		return nil
	}
	return err
}

// mark says when Claim must look at a chat.
type mark struct {
	key    string
	tenant string
	chat   uuid.UUID
	head   uuid.UUID // probably the first delivery
}

func (s *Store) readMark(key string, head []byte) mark {
	m := mark{key: key}
	m.tenant, m.chat = tenantAndID(key[len(s.of(kindDue))+16:])
	copy(m.head[:], head)
	return m
}

// claim leases the first deliveries of the chats that allow it.
func (s *Store) claim(ctx context.Context, marks []mark, lasts time.Duration) (all []store.Claimed, err error) {
	err = s.change(ctx, false, func(t *tx) error {
		all = nil
		for _, m := range marks {
			if len(t.reads) > s.o.MaxTxnOps/2 {
				break // the next claim reads the others
			}
			part := t.sub()
			c, leased := part.claim(&m, lasts)
			if part.damaged != nil {
				continue // it was remembered, and only this chat must wait
			}
			if part.merge(); leased {
				all = append(all, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// claim leases the first delivery of a chat, if the chat allows it.
func (t *tx) claim(m *mark, lasts time.Duration) (c store.Claimed, leased bool) {
	t.get(t.s.keyOf(kindContent, m.tenant, m.head)) // read together with the queue, if it is the first
	q, marked := t.queue(m.tenant, m.chat)
	if t.damaged != nil {
		return c, false
	}
	if len(q.entries) == 0 {
		t.get(m.key)
		t.del(m.key)
		return c, false
	}
	now := t.s.o.Clock()
	if q.lease.holds(now) {
		return c, false
	}
	q.sweep(t)
	head := q.head()
	switch {
	case head != nil && t.follows(q, head):
		q.lease, q.held = lease{}, store.Micros(now.Add(heldFor))
		t.saveQueue(q, marked)
		return c, false
	case head == nil || now.Before(head.due):
		q.lease = lease{}
		t.saveQueue(q, marked)
		return c, false
	}
	unsettled := q.lease.token != uuid.Nil && q.lease.message == head.message
	d, err := content(head.message, t.get(t.s.keyOf(kindContent, m.tenant, head.message)))
	if err != nil {
		t.setAside(q, head, err, now)
		t.saveQueue(q, marked)
		return c, false
	}
	q.lease = lease{head.message, uuid.New(), now.Add(lasts)}
	t.saveQueue(q, marked)
	return store.Claimed{
		Lease:    store.LeaseID{Tenant: m.tenant, MessageID: head.message, Token: q.lease.token},
		Delivery: d, Attempts: head.attempts + 1, Unsettled: unsettled, Leave: head.leave, At: head.at,
	}, true
}

// setAside parks a delivery that is damaged, and delays one that a later
// release wrote, for a process of that release.
func (t *tx) setAside(q *queue, e *entry, why error, now time.Time) {
	_ = t.s.aside.Add(store.UnreadableDelivery, q.tenant, e.message.String(), why)
	q.lease = lease{}
	if aside.Newer(why) {
		e.due = store.Micros(now.Add(store.UnreadableWait))
		return
	}
	e.parked, e.why = true, store.ParkedUnreadable
	t.waitsNot(q.tenant, e)
	t.put(t.s.keyOf(kindParked, q.tenant, e.message), parkedValue(e))
}

// heldFor is how long Claim leaves a chat alone that waits for another chat.
const heldFor = 200 * time.Millisecond

// follows reports whether a delivery waits for an earlier one to another chat
// with the same people.
func (t *tx) follows(q *queue, head *entry) (follows bool) {
	if !q.several || q.lease.token != uuid.Nil && q.lease.message == head.message {
		return false
	}
	at := t.sub() // damaged values of other chats must not stop this one
	_, m := at.chat(q.tenant, q.chat)
	for _, other := range m.others(q.chat) { // read all of them at once
		before, _ := at.queue(q.tenant, other)
		first := before.head()
		follows = follows || first != nil && first.place < head.place
	}
	return follows || aside.Newer(at.damaged) // a process of the later release can tell
}

// together notes in the queues of a chat and of the others with the same people
// that they wait for each other. It is called when the chat has joined them, or
// has received a delivery that keeps its place.
func (t *tx) together(tenant string, people recipients.Key, chat uuid.UUID) {
	others := t.set(tenant, people).others(chat)
	if len(others) == 0 {
		return
	}
	for _, id := range append(others, chat) {
		if q, marked := t.queue(tenant, id); len(q.entries) > 0 && !q.several {
			q.several = true
			t.saveQueue(q, marked)
		}
	}
}

// sweep removes the deliveries that were forgotten while they were leased. Call
// it when the lease has ended.
func (q *queue) sweep(t *tx) {
	for i := len(q.entries) - 1; i >= 0; i-- {
		if q.entries[i].doomed {
			t.drop(q, q.entries[i])
		}
	}
}
