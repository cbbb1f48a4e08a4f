package memory

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// CommitLeased implements store.Leaser.
func (s *Store) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	return s.commitNew(ctx, cmp.Or(p.Check(), store.CheckLease(lease)), p, lease)
}

// leaseNew leases a delivery that has just been enqueued, unless another one goes
// first or it is not due.
func (s *Store) leaseNew(d *delivery, lease time.Duration) (id store.LeaseID) {
	now := s.now()
	if len(d.queue.waiting) > 1 || now.Before(d.notUntil) || d.tenant.behind(d) {
		return id
	}
	s.change(d.queue, func(q *queue) { q.leased, q.until = d, now.Add(lease) })
	d.token = uuid.New()
	return store.LeaseID{Tenant: d.tenant.name, MessageID: d.MessageID, Token: d.token}
}

// AckAll implements store.Leaser.
func (s *Store) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	if err := s.begin(ctx, store.CheckLeases(ids)); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	now := s.now()
	for _, id := range ids {
		if d := s.tenant(id.Tenant).deliveries[id.MessageID]; d != nil && d.token == id.Token && d.leased(now) {
			s.remove(d)
		} else {
			lost = append(lost, id)
		}
	}
	return lost, nil
}
