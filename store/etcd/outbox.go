package etcd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// claimed is how many chats one transaction of a claim looks at: each is up to
// four operations.
const claimed = 18

// Claim implements store.Outbox. It walks the chats in the order in which they
// are to be looked at, and leases in one transaction as many as fit in.
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

// some returns no error where something was claimed: the caller is to have it.
func (s *Store) some(all []store.Claimed, err error) error {
	if len(all) > 0 {
		return nil
	}
	return err
}

// mark says that a chat is to be looked at.
type mark struct {
	key    string
	tenant string
	chat   uuid.UUID
	head   uuid.UUID // the delivery that is probably the first
}

func (s *Store) readMark(key string, head []byte) mark {
	m := mark{key: key}
	m.tenant, m.chat = tenantAndID(key[len(s.of(kindDue))+16:])
	copy(m.head[:], head)
	return m
}

// claim leases the deliveries of chats that can be leased.
func (s *Store) claim(ctx context.Context, marks []mark, lasts time.Duration) (all []store.Claimed, err error) {
	err = s.change(ctx, false, func(t *tx) error {
		all = nil
		for _, m := range marks {
			if len(t.reads) > s.o.MaxTxnOps/2 {
				break // the next claim sees the others
			}
			t.get(s.keyOf(kindContent, m.tenant, m.head)) // known at once, if it is the first
			q, marked := t.queue(m.tenant, m.chat)
			if len(q.entries) == 0 {
				t.get(m.key)
				t.del(m.key)
				continue
			}
			now := s.o.Clock()
			if q.lease.holds(now) {
				continue
			}
			q.sweep(t)
			head := q.head()
			switch {
			case head != nil && t.follows(q, head):
				q.lease, q.held = lease{}, store.Micros(now.Add(heldFor))
				t.saveQueue(q, marked)
				continue
			case head == nil || now.Before(head.due):
				q.lease = lease{}
				t.saveQueue(q, marked)
				continue
			}
			unsettled := q.lease.token != uuid.Nil && q.lease.message == head.message
			d, err := content(head.message, t.get(s.keyOf(kindContent, m.tenant, head.message)))
			t.damage(err)
			q.lease = lease{head.message, uuid.New(), now.Add(lasts)}
			t.saveQueue(q, marked)
			all = append(all, store.Claimed{
				Lease:    store.LeaseID{Tenant: m.tenant, MessageID: head.message, Token: q.lease.token},
				Delivery: d, Attempts: head.attempts + 1, Unsettled: unsettled, Leave: head.leave, At: head.at,
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// heldFor is after how long a chat that waits for another is looked at again.
const heldFor = 200 * time.Millisecond

// follows says whether a delivery waits for one that was committed before it to
// another chat with the same people.
func (t *tx) follows(q *queue, head *entry) (follows bool) {
	if !q.several || q.lease.token != uuid.Nil && q.lease.message == head.message {
		return false
	}
	_, m := t.chat(q.tenant, q.chat)
	for _, other := range m.others(q.chat) { // all of them are read at once
		before, _ := t.queue(q.tenant, other)
		first := before.head()
		follows = follows || first != nil && first.place < head.place
	}
	return follows
}

// together notes in the queues of a chat and of the others with the same people that
// they wait for each other: it has just joined them, or taken in a delivery that
// keeps its place.
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

// sweep removes what was forgotten while it was leased, now that it is no
// longer.
func (q *queue) sweep(t *tx) {
	for i := len(q.entries) - 1; i >= 0; i-- {
		if q.entries[i].doomed {
			t.drop(q, q.entries[i])
		}
	}
}

// hold does something with the delivery of a lease that has not run out.
func (s *Store) hold(ctx context.Context, invalid error, id store.LeaseID, do func(t *tx, q *queue, e *entry) error) error {
	if err := s.begin(ctx, invalid); err != nil {
		return err
	}
	return s.change(ctx, false, func(t *tx) error {
		d, err := content(id.MessageID, t.get(s.keyOf(kindContent, id.Tenant, id.MessageID)))
		t.damage(err)
		q, marked := t.queue(id.Tenant, d.ChatID)
		e := q.find(id.MessageID)
		if e == nil || q.lease.message != id.MessageID || q.lease.token != id.Token || !q.lease.holds(s.o.Clock()) {
			return lost(id)
		}
		if err := do(t, q, e); err != nil {
			return err
		}
		t.saveQueue(q, marked)
		return nil
	})
}

func lost(id store.LeaseID) error {
	return fmt.Errorf("etcd: delivery of message %s: %w", id.MessageID, store.ErrLeaseLost)
}

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	return s.hold(ctx, store.CheckLease(lease), id, func(t *tx, q *queue, e *entry) error {
		q.lease.until = s.o.Clock().Add(lease)
		if e.doomed {
			t.put(s.keyOf(kindDoomed, q.tenant, e.message), doomedValue(e, q.lease.until))
		}
		return nil
	})
}

// Try implements store.Outbox.
func (s *Store) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	return s.hold(ctx, store.CheckAttempts(attempts), id, func(_ *tx, _ *queue, e *entry) error {
		e.attempts = attempts
		return nil
	})
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, id store.LeaseID) error {
	return s.hold(ctx, nil, id, func(t *tx, q *queue, e *entry) error {
		t.drop(q, *e)
		return nil
	})
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return s.giveBack(ctx, cmp.Or(store.CheckAttempts(attempts), store.CheckWait(wait)), id, attempts, func(_ *tx, _ *queue, e *entry) {
		e.due = store.Micros(s.o.Clock().Add(wait))
	})
}

// Park implements store.Outbox.
func (s *Store) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return s.giveBack(ctx, store.CheckPark(attempts, why), id, attempts, func(t *tx, q *queue, e *entry) {
		e.parked, e.why, e.leave = true, why, false
		t.waitsNot(q.tenant, e)
		t.put(s.keyOf(kindParked, q.tenant, e.message), parkedValue(e))
	})
}

// giveBack ends the lease of a delivery that was not handed over.
func (s *Store) giveBack(ctx context.Context, invalid error, id store.LeaseID, attempts int, do func(*tx, *queue, *entry)) error {
	return s.hold(ctx, invalid, id, func(t *tx, q *queue, e *entry) error {
		q.lease, e.attempts = lease{}, attempts
		if e.doomed {
			t.drop(q, *e)
		} else {
			do(t, q, e)
		}
		return nil
	})
}

// Reroute implements store.Outbox.
func (s *Store) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	if err := s.begin(ctx, store.CheckReroute(id, p)); err != nil {
		return err
	}
	err := s.change(ctx, false, func(t *tx) error {
		d, err := content(id.MessageID, t.get(s.keyOf(kindContent, id.Tenant, id.MessageID)))
		t.damage(err)
		q, marked := t.queue(id.Tenant, d.ChatID)
		e := q.find(id.MessageID)
		if e == nil || e.doomed || q.lease.message != id.MessageID || q.lease.token != id.Token || !q.lease.holds(s.o.Clock()) {
			return lost(id)
		}
		moved := entry{message: e.message, place: e.place}
		t.drop(q, *e)
		t.saveQueue(q, marked)
		return t.commit(p, &moved)
	})
	if err == nil {
		s.counted(p)
	}
	return err
}

// parkedOne does something with a parked delivery.
func (s *Store) parkedOne(ctx context.Context, tenant string, messageID uuid.UUID, do func(t *tx, q *queue, e *entry)) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	return s.change(ctx, false, func(t *tx) error {
		d, err := content(messageID, t.get(s.keyOf(kindContent, tenant, messageID)))
		t.damage(err)
		q, marked := t.queue(tenant, d.ChatID)
		e := q.find(messageID)
		if e == nil || !e.parked {
			return fmt.Errorf("etcd: no parked delivery of message %s: %w", messageID, store.ErrNoRecord)
		}
		do(t, q, e)
		t.saveQueue(q, marked)
		return nil
	})
}

// Release implements store.Outbox.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	return s.parkedOne(ctx, tenant, messageID, func(t *tx, q *queue, e *entry) {
		e.parked, e.why, e.leave, e.attempts, e.due = false, 0, leave, 0, time.Time{}
		t.del(s.keyOf(kindParked, tenant, messageID))
		t.waits(tenant, e)
		if !q.lease.holds(s.o.Clock()) {
			q.lease, q.held = lease{}, time.Time{}
		}
	})
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, tenant, messageID, func(t *tx, q *queue, e *entry) { t.drop(q, *e) })
}

// Parked implements store.Outbox.
func (s *Store) Parked(
	ctx context.Context, tenant string, after uuid.UUID, limit int,
) (parked []store.ParkedDelivery, next uuid.UUID, err error) {
	limit, err = checkPage(tenant, limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, uuid.Nil, err
	}
	keys, revision, next, err := s.page(ctx, s.ofTenant(kindParked, tenant), after, limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	var contents []string
	for _, k := range keys {
		contents = append(contents, s.keyOf(kindContent, tenant, k.id))
	}
	now, err := s.readAt(ctx, contents, revision)
	if err != nil {
		return nil, uuid.Nil, err
	}
	for i, k := range keys {
		r := newReader(k.value)
		p := store.ParkedDelivery{At: fromMicros(r.int()), Attempts: int(r.uint()), Why: store.ParkReason(r.byte())}
		if p.Delivery, err = content(k.id, now[contents[i]]); err != nil || r.end() != nil {
			return nil, uuid.Nil, fmt.Errorf("etcd: %w", cmp.Or(err, r.err))
		}
		parked = append(parked, p)
	}
	return parked, next, nil
}

// Backlog implements store.Outbox. The servers count keys; they read none.
func (s *Store) Backlog(ctx context.Context) (b store.Backlog, err error) {
	if err := s.begin(ctx, nil); err != nil {
		return store.Backlog{}, err
	}
	prefix := func(kind string, o ...clientv3.OpOption) clientv3.Op {
		return clientv3.OpGet(s.of(kind), append(o, clientv3.WithPrefix())...)
	}
	answer, err := s.ask(ctx,
		prefix(kindOldest, clientv3.WithLimit(1)), prefix(kindParked, clientv3.WithCountOnly()), prefix(kindDoomed),
	)
	if err != nil {
		return b, err
	}
	waiting := answer.Responses[0].GetResponseRange()
	b.Waiting, b.Parked = int(waiting.Count), int(answer.Responses[1].GetResponseRange().Count)
	if len(waiting.Kvs) > 0 {
		b.Oldest = fromMicros(int64(fromOrdered(string(waiting.Kvs[0].Key)[len(s.of(kindOldest)):][:8])))
	}
	for _, kv := range answer.Responses[2].GetResponseRange().Kvs {
		r := newReader(kv.Value)
		at, until := fromMicros(r.int()), fromMicros(r.int())
		if s.o.Clock().Before(until) {
			b.Waiting++
			if b.Oldest.IsZero() || at.Before(b.Oldest) {
				b.Oldest = at
			}
		}
	}
	return b, nil
}
