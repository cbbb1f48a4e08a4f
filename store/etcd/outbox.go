package etcd

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/store"
)

// hold calls a function with the delivery of a lease that has not run out.
func (s *Store) hold(ctx context.Context, invalid error, id store.LeaseID, do func(t *tx, q *queue, e *entry) error) error {
	if err := s.begin(ctx, invalid); err != nil {
		return err
	}
	return s.change(ctx, false, func(t *tx) error {
		q, marked := t.queueOf(id.Tenant, id.MessageID)
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
		q, marked := t.queueOf(id.Tenant, id.MessageID)
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

// parkedOne calls a function with a parked delivery.
func (s *Store) parkedOne(ctx context.Context, tenant string, messageID uuid.UUID, do func(t *tx, q *queue, e *entry)) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	return s.change(ctx, false, func(t *tx) error {
		q, marked := t.queueOf(tenant, messageID)
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
		if err := r.end(); err != nil {
			_ = s.aside.Add(store.UnreadableDelivery, tenant, k.id.String(), err)
			p = store.ParkedDelivery{Why: store.ParkedUnreadable}
		}
		if p.Delivery, err = content(k.id, now[contents[i]]); err != nil {
			_ = s.aside.Add(store.UnreadableDelivery, tenant, k.id.String(), err)
			p.Delivery = store.Delivery{MessageID: k.id, ChatID: p.Delivery.ChatID} // only its ids are known
		}
		parked = append(parked, p)
	}
	return parked, next, nil
}

// Backlog implements store.Outbox. The servers count keys; the store reads only
// a few.
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
