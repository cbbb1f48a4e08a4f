package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Claim implements store.Outbox.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int) ([]store.Claimed, error) {
	if err := store.CheckLease(lease); err != nil {
		return nil, err
	}
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	o := &s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	o.sweep(now)
	var claimed []store.Claimed
	for len(claimed) < limit {
		q, ok := o.due.Min()
		if !ok || now.Before(q.wake) {
			break
		}
		if head := q.waiting[0]; now.Before(head.notUntil) {
			o.change(q, func() { q.leased = nil }) // a lease ran out; the head waits for its retry
		} else {
			claimed = append(claimed, o.claim(q, now.Add(lease)))
		}
	}
	return claimed, nil
}

// claim leases the head of a queue.
func (o *outbox) claim(q *queue, until time.Time) store.Claimed {
	d := q.waiting[0]
	if q.leased != nil {
		q.leased.token = uuid.Nil
	}
	o.change(q, func() { q.leased, q.until = d, until })
	d.token = uuid.New()
	d.attempts++
	return store.Claimed{
		Lease:    store.LeaseID{Tenant: d.tenantName, MessageID: d.MessageID, Token: d.token},
		Delivery: handedOver(d.Delivery), Attempts: d.attempts, At: d.at,
	}
}

// settle does something with the delivery of a lease that has not run out.
func (s *Store) settle(ctx context.Context, id store.LeaseID, do func(o *outbox, d *delivery)) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	o := &s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.deliveries[owned[uuid.UUID]{s.tenants.find(id.Tenant), id.MessageID}]
	if d == nil || d.queue.leased != d || d.token != id.Token || !o.now().Before(d.queue.until) {
		return fmt.Errorf("memory: delivery of message %s: %w", id.MessageID, store.ErrLeaseLost)
	}
	do(o, d)
	return nil
}

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	if err := store.CheckLease(lease); err != nil {
		return err
	}
	return s.settle(ctx, id, func(o *outbox, d *delivery) {
		o.change(d.queue, func() { d.queue.until = o.now().Add(lease) })
	})
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, id store.LeaseID) error {
	return s.settle(ctx, id, (*outbox).remove)
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, id store.LeaseID, wait time.Duration, park bool) error {
	if err := store.CheckWait(wait); err != nil {
		return err
	}
	return s.settle(ctx, id, func(o *outbox, d *delivery) {
		d.token = uuid.Nil
		switch {
		case o.doomed[d]:
			o.remove(d)
		case park:
			o.takeOut(d)
			d.parked = true
			o.parked.Set(d)
			d.queue.parked = append(d.queue.parked, d)
			o.queues[d.queue.name] = d.queue
		default:
			o.change(d.queue, func() {
				d.notUntil = o.now().Add(wait)
				d.queue.leased = nil
			})
		}
	})
}

// Parked implements store.Outbox.
func (s *Store) Parked(
	ctx context.Context, tenant string, after uuid.UUID, limit int,
) (parked []store.ParkedDelivery, next uuid.UUID, err error) {
	if err := store.CheckTenant(tenant); err != nil {
		return nil, uuid.Nil, err
	}
	limit, err = store.PageSize(limit)
	if err != nil {
		return nil, uuid.Nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, uuid.Nil, err
	}
	o := &s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	pivot := &delivery{Delivery: store.Delivery{MessageID: after}, tenant: s.tenants.find(tenant)}
	o.parked.Ascend(pivot, func(d *delivery) bool {
		switch {
		case d.tenant != pivot.tenant:
			return false
		case d.MessageID == after:
			return true
		case len(parked) == limit:
			next = parked[limit-1].Delivery.MessageID
			return false
		}
		parked = append(parked, store.ParkedDelivery{Delivery: handedOver(d.Delivery), Attempts: d.attempts, At: d.at})
		return true
	})
	return parked, next, nil
}

// Release implements store.Outbox.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	o := &s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.deliveries[owned[uuid.UUID]{s.tenants.find(tenant), messageID}]
	if d == nil || !d.parked {
		return fmt.Errorf("memory: no parked delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	o.takeOut(d)
	d.parked, d.attempts, d.notUntil = false, 0, time.Time{}
	q := d.queue
	o.queues[q.name] = q
	o.change(q, func() {
		i, _ := slices.BinarySearchFunc(q.waiting, d, func(a, b *delivery) int { return cmp.Compare(a.commit, b.commit) })
		q.waiting = slices.Insert(q.waiting, i, d)
	})
	o.waiting.Set(d)
	return nil
}

// Backlog implements store.Outbox.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	if err := s.begin(ctx); err != nil {
		return store.Backlog{}, err
	}
	o := &s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sweep(o.now())
	b := store.Backlog{Waiting: o.waiting.Len(), Parked: o.parked.Len()}
	if first, ok := o.waiting.Min(); ok {
		b.Oldest = first.at
	}
	return b, nil
}
