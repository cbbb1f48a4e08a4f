package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// Claim implements store.Outbox.
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	limit, negative := store.PageSize(limit)
	return locked(ctx, s, cmp.Or(store.CheckLease(lease), negative), func() (claimed []store.Claimed, err error) {
		now := s.now()
		s.sweep(now)
		for len(claimed) < limit {
			q := s.next(now, except)
			if q == nil {
				break
			}
			d := q.waiting[0]
			unsettled := q.leased == d // and the lease has run out
			switch {
			case !unsettled && d.tenant.behind(d):
				s.change(q, func(q *queue) { q.leased, q.held = nil, now.Add(heldFor) })
			case now.Before(d.Due):
				s.change(q, func(q *queue) { q.leased = nil })
			default:
				claimed = append(claimed, store.Claimed{
					Lease: s.lease(d, now.Add(lease)), Delivery: ownDelivery(d.CopiedDelivery).Delivery,
					Attempts: d.Attempts + 1, Unsettled: unsettled, Leave: d.Leave, At: d.At,
				})
			}
		}
		return claimed, nil
	})
}

// next returns the chat that is due first, of other tenants than those named,
// nil if none is.
func (s *Store) next(now time.Time, except []string) (due *queue) {
	s.due.Scan(func(q *queue) bool {
		woken := !now.Before(q.wake)
		if woken && !slices.Contains(except, q.tenant.name) {
			due = q
		}
		return woken && due == nil
	})
	return due
}

// lease leases a delivery until some time.
func (s *Store) lease(d *delivery, until time.Time) store.LeaseID {
	id := store.LeaseID{Tenant: d.tenant.name, MessageID: d.MessageID, Token: uuid.New()}
	s.change(d.queue, func(q *queue) { q.leased, q.token, q.until = d, id.Token, until })
	return id
}

// held returns the delivery of a lease, nil if that has run out.
func (s *Store) held(id store.LeaseID, now time.Time) *delivery {
	d := s.tenant(id.Tenant).deliveries[id.MessageID]
	if d == nil || !d.leased(now) || d.queue.token != id.Token {
		return nil
	}
	return d
}

// settle does something with the delivery of a lease that has not run out. One
// that was forgotten goes when it is no longer leased.
func (s *Store) settle(ctx context.Context, invalid error, id store.LeaseID, do func(d *delivery)) error {
	if err := s.begin(ctx, invalid); err != nil {
		return err
	}
	defer s.mu.Unlock()
	d := s.held(id, s.now())
	if d == nil {
		return lost(id)
	}
	do(d)
	s.sweep(s.now())
	return nil
}

func lost(id store.LeaseID) error {
	return fmt.Errorf("memory: delivery of message %s: %w", id.MessageID, store.ErrLeaseLost)
}

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	return s.settle(ctx, store.CheckLease(lease), id, func(d *delivery) {
		s.change(d.queue, func(q *queue) { q.until = s.now().Add(lease) })
	})
}

// Try implements store.Outbox.
func (s *Store) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	return s.settle(ctx, store.CheckAttempts(attempts), id, func(d *delivery) { d.Attempts = attempts })
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, id store.LeaseID) error {
	return s.settle(ctx, nil, id, s.remove)
}

// AckAll implements store.Leaser.
func (s *Store) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	return locked(ctx, s, store.CheckLeases(ids), func() (lost []store.LeaseID, err error) {
		now := s.now()
		for _, id := range ids {
			if d := s.held(id, now); d != nil {
				s.remove(d)
			} else {
				lost = append(lost, id)
			}
		}
		return lost, nil
	})
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return s.settle(ctx, cmp.Or(store.CheckAttempts(attempts), store.CheckWait(wait)), id, func(d *delivery) {
		d.Attempts, d.Due = attempts, s.now().Add(wait)
		s.change(d.queue, func(q *queue) { q.leased = nil })
	})
}

// Park implements store.Outbox.
func (s *Store) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return s.settle(ctx, store.CheckPark(attempts, why), id, func(d *delivery) {
		d.Attempts, d.Why, d.Leave = attempts, why, false
		s.park(d)
	})
}

// Parked implements store.Outbox.
func (s *Store) Parked(
	ctx context.Context, tenant string, after uuid.UUID, limit int,
) ([]store.ParkedDelivery, uuid.UUID, error) {
	parked := func(t *tenancy) iter.Seq[*delivery] {
		pivot := new(delivery)
		pivot.MessageID = after
		return following(t.parked, pivot)
	}
	return page(ctx, s, tenant, limit, nil, parked, (*delivery).view, func(d *delivery) uuid.UUID { return d.MessageID })
}

func (d *delivery) view() store.ParkedDelivery {
	own := ownDelivery(d.CopiedDelivery)
	return store.ParkedDelivery{Delivery: own.Delivery, Attempts: own.Attempts, Why: own.Why, At: own.At}
}

// parkedOne calls a function with a parked delivery.
func (s *Store) parkedOne(ctx context.Context, tenant string, messageID uuid.UUID, do func(d *delivery)) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	defer s.mu.Unlock()
	d := s.tenant(tenant).deliveries[messageID]
	if d == nil || !d.Parked {
		return fmt.Errorf("memory: no parked delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	do(d)
	return nil
}

// Release implements store.Outbox.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	return s.parkedOne(ctx, tenant, messageID, func(d *delivery) {
		s.takeOut(d)
		d.Attempts, d.Due, d.Why, d.Leave = 0, time.Time{}, 0, leave
		s.waitAgain(d)
	})
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, tenant, messageID, s.remove)
}

// Delivery implements store.DeliveryReader.
func (s *Store) Delivery(ctx context.Context, tenant string, messageID uuid.UUID) (store.CopiedDelivery, error) {
	return read(ctx, s, tenant, nil, func(t *tenancy) (store.CopiedDelivery, error) {
		d := t.deliveries[messageID]
		if d == nil || s.doomed[d] {
			return store.CopiedDelivery{}, fmt.Errorf("memory: delivery of message %s: %w", messageID, store.ErrNoRecord)
		}
		return ownDelivery(d.CopiedDelivery), nil
	})
}

// Backlog implements store.Outbox.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	return locked(ctx, s, nil, func() (store.Backlog, error) {
		s.sweep(s.now())
		b := store.Backlog{Waiting: s.waiting.Len(), Parked: s.parked}
		if first, ok := s.waiting.Min(); ok {
			b.Oldest = first.At
		}
		return b, nil
	})
}
