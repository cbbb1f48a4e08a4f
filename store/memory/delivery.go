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
func (s *Store) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) (claimed []store.Claimed, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckLease(lease), err)); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	now := s.now()
	s.sweep(now)
	for len(claimed) < limit {
		q := s.next(now, except)
		if q == nil {
			break
		}
		d := q.waiting[0]
		if q.leased != d && d.tenant.behind(d) {
			if q.leased != nil {
				q.leased.token = uuid.Nil
			}
			s.change(q, func(q *queue) { q.leased, q.held = nil, now.Add(heldFor) })
			continue
		}
		unsettled := q.leased == d // and the lease has run out
		if q.leased != nil {
			q.leased.token = uuid.Nil
		}
		if now.Before(d.notUntil) {
			s.change(q, func(q *queue) { q.leased = nil })
			continue
		}
		s.change(q, func(q *queue) { q.leased, q.until = d, now.Add(lease) })
		d.token = uuid.New()
		claimed = append(claimed, store.Claimed{
			Lease:    store.LeaseID{Tenant: d.tenant.name, MessageID: d.MessageID, Token: d.token},
			Delivery: handedOver(d.Delivery), Attempts: d.attempts + 1, Unsettled: unsettled, Leave: d.leave, At: d.at,
		})
	}
	return claimed, nil
}

// next returns the chat that is due first, of other tenants than those named, nil
// where none is.
func (s *Store) next(now time.Time, except []string) (due *queue) {
	s.due.Scan(func(q *queue) bool {
		switch {
		case now.Before(q.wake):
			return false
		case slices.Contains(except, q.tenant.name):
			return true
		}
		due = q
		return false
	})
	return due
}

// settle does something with the delivery of a lease that has not run out.
func (s *Store) settle(ctx context.Context, invalid error, id store.LeaseID, do func(d *delivery) error) error {
	if err := s.begin(ctx, invalid); err != nil {
		return err
	}
	defer s.mu.Unlock()
	d := s.tenant(id.Tenant).deliveries[id.MessageID]
	if d == nil || d.token != id.Token || !d.leased(s.now()) {
		return lost(id)
	}
	return do(d)
}

func lost(id store.LeaseID) error {
	return fmt.Errorf("memory: delivery of message %s: %w", id.MessageID, store.ErrLeaseLost)
}

// Renew implements store.Outbox.
func (s *Store) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	return s.settle(ctx, store.CheckLease(lease), id, func(d *delivery) error {
		s.change(d.queue, func(q *queue) { q.until = s.now().Add(lease) })
		return nil
	})
}

// Try implements store.Outbox.
func (s *Store) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	return s.settle(ctx, store.CheckAttempts(attempts), id, func(d *delivery) error {
		d.attempts = attempts
		return nil
	})
}

// Ack implements store.Outbox.
func (s *Store) Ack(ctx context.Context, id store.LeaseID) error {
	return s.settle(ctx, nil, id, func(d *delivery) error {
		s.remove(d)
		return nil
	})
}

// Nack implements store.Outbox.
func (s *Store) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return s.settle(ctx, cmp.Or(store.CheckAttempts(attempts), store.CheckWait(wait)), id, func(d *delivery) error {
		return s.giveBack(d, attempts, func() {
			d.notUntil = s.now().Add(wait)
			s.change(d.queue, func(q *queue) { q.leased = nil })
		})
	})
}

// Park implements store.Outbox.
func (s *Store) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return s.settle(ctx, store.CheckPark(attempts, why), id, func(d *delivery) error {
		return s.giveBack(d, attempts, func() {
			d.why, d.leave = why, false
			s.park(d)
		})
	})
}

// giveBack ends the lease of a delivery that was not handed over.
func (s *Store) giveBack(d *delivery, attempts int, do func()) error {
	d.token, d.attempts = uuid.Nil, attempts
	if s.doomed[d] {
		s.remove(d)
	} else {
		do()
	}
	return nil
}

// Parked implements store.Outbox.
func (s *Store) Parked(
	ctx context.Context, tenant string, after uuid.UUID, limit int,
) (parked []store.ParkedDelivery, next uuid.UUID, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, cmp.Or(store.CheckTenant(tenant), err)); err != nil {
		return nil, uuid.Nil, err
	}
	defer s.mu.Unlock()
	t := s.tenant(tenant)
	s.parked.Ascend(&delivery{Delivery: store.Delivery{MessageID: after}, tenant: t}, func(d *delivery) bool {
		switch {
		case d.tenant != t:
			return false
		case d.MessageID == after:
		case len(parked) == limit:
			next = parked[limit-1].Delivery.MessageID
			return false
		default:
			parked = append(parked, store.ParkedDelivery{Delivery: handedOver(d.Delivery), Attempts: d.attempts, Why: d.why, At: d.at})
		}
		return true
	})
	return parked, next, nil
}

// parkedOne calls a function with a parked delivery.
func (s *Store) parkedOne(ctx context.Context, tenant string, messageID uuid.UUID, do func(d *delivery)) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	defer s.mu.Unlock()
	d := s.tenant(tenant).deliveries[messageID]
	if d == nil || d.queue != nil {
		return fmt.Errorf("memory: no parked delivery of message %s: %w", messageID, store.ErrNoRecord)
	}
	do(d)
	return nil
}

// Release implements store.Outbox.
func (s *Store) Release(ctx context.Context, tenant string, messageID uuid.UUID, leave bool) error {
	return s.parkedOne(ctx, tenant, messageID, func(d *delivery) {
		s.takeOut(d)
		d.attempts, d.notUntil, d.why, d.leave = 0, time.Time{}, 0, leave
		s.wait(d)
		s.lookAt(d.queue)
	})
}

// lookAt makes a queue due when its first delivery is, unless one of it is leased.
func (s *Store) lookAt(q *queue) {
	switch {
	case q.leased == nil:
	case s.now().Before(q.until):
		return
	default:
		q.leased.token = uuid.Nil
	}
	s.change(q, func(q *queue) { q.leased, q.held = nil, time.Time{} })
}

// Drop implements store.Outbox.
func (s *Store) Drop(ctx context.Context, tenant string, messageID uuid.UUID) error {
	return s.parkedOne(ctx, tenant, messageID, s.remove)
}

// Backlog implements store.Outbox.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	if err := s.begin(ctx, nil); err != nil {
		return store.Backlog{}, err
	}
	defer s.mu.Unlock()
	s.sweep(s.now())
	b := store.Backlog{Waiting: s.waiting.Len(), Parked: s.parked.Len()}
	if first, ok := s.waiting.Min(); ok {
		b.Oldest = first.at
	}
	return b, nil
}
