package etcd

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// CommitLeased implements store.Leaser.
func (s *Store) CommitLeased(ctx context.Context, p *store.Plan, lasts time.Duration) (id store.LeaseID, err error) {
	token := uuid.New()
	leased := false
	err = s.commit(ctx, cmp.Or(p.Check(), store.CheckLease(lasts)), p, func(t *tx) error {
		leased = false
		if err := t.commit(p, nil); err != nil || p.Content == nil {
			return err
		}
		leased = t.leaseNew(p, token, lasts)
		return nil
	})
	if err != nil || !leased {
		return id, err
	}
	return store.LeaseID{Tenant: p.Tenant, MessageID: p.MessageID, Token: token}, nil
}

// leaseNew leases the delivery of a plan that the transaction has just
// committed, unless it is not due or another delivery goes first. It reports
// whether it did.
func (t *tx) leaseNew(p *store.Plan, token uuid.UUID, lasts time.Duration) bool {
	q, marked := t.queue(p.Tenant, p.ChatID)
	now := t.s.o.Clock()
	head := q.head()
	if head == nil || head.message != p.MessageID || now.Before(head.due) {
		return false
	}
	if q.several {
		for _, other := range t.set(p.Tenant, p.Set.Key()).others(p.ChatID) {
			if before, _ := t.queue(p.Tenant, other); before.head() != nil {
				return false
			}
		}
	}
	q.lease = lease{p.MessageID, token, now.Add(lasts)}
	t.saveQueue(q, marked)
	return true
}

// AckAll implements store.Leaser. It is one transaction for every 18 leases.
func (s *Store) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	if err := s.begin(ctx, store.CheckLeases(ids)); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(ids, claimed) {
		var gone []store.LeaseID
		err := s.change(ctx, false, func(t *tx) error {
			gone = nil
			for _, id := range some {
				part := t.sub()
				q, marked := part.queueOf(id.Tenant, id.MessageID)
				e := q.find(id.MessageID)
				if part.damaged != nil || e == nil || q.lease.message != id.MessageID || q.lease.token != id.Token || !q.lease.holds(s.o.Clock()) {
					gone = append(gone, id)
					continue
				}
				part.drop(q, *e)
				part.saveQueue(q, marked)
				part.merge()
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		lost = append(lost, gone...)
	}
	return lost, nil
}
