package storetest_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// leasing is a store with another Leaser.
type leasing struct {
	*memory.Store
	commit func(s *memory.Store, ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error)
	ack    func(s *memory.Store, ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error)
}

func (l leasing) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	if l.commit == nil {
		return l.Store.CommitLeased(ctx, p, lease)
	}
	return l.commit(l.Store, ctx, p, lease)
}

func (l leasing) AckAll(ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
	if l.ack == nil {
		return l.Store.AckAll(ctx, ids)
	}
	return l.ack(l.Store, ctx, ids)
}

// overtaken parks the first due delivery, so that the newly committed one is
// leased before it.
func overtaken(s *memory.Store, ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	claimed, err := s.Claim(ctx, lease, 1)
	if err != nil {
		return store.LeaseID{}, err
	}
	for _, c := range claimed {
		_ = s.Park(ctx, c.Lease, 1, store.ParkedRefused)
	}
	id, err := s.CommitLeased(ctx, p, lease)
	for _, c := range claimed {
		_ = s.Release(ctx, c.Lease.Tenant, c.Lease.MessageID, false)
	}
	return id, err
}

var leaserFaults = []fault{
	{"leaser/the delivery is the committer's", "says that it leased what it did not", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, commit: func(s *memory.Store, ctx context.Context, p *store.Plan, _ time.Duration) (store.LeaseID, error) {
			return store.LeaseID{Tenant: p.Tenant, MessageID: p.MessageID, Token: uuid.New()}, s.Commit(ctx, p)
		}}
	}},
	{"leaser/the delivery is the committer's", "never leases", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, commit: func(s *memory.Store, ctx context.Context, p *store.Plan, _ time.Duration) (store.LeaseID, error) {
			return store.LeaseID{}, s.Commit(ctx, p)
		}}
	}},
	{"leaser/a commit that wrote nothing leases nothing", "names a lease after a conflict", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, commit: func(s *memory.Store, ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
			id, err := s.CommitLeased(ctx, p, lease)
			if err != nil {
				id.MessageID = p.MessageID
			}
			return id, err
		}}
	}},
	{"leaser/what was committed before goes first", "leases at once what others go before", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, commit: overtaken}
	}},
	{"leaser/an answer that was lost", "leases for ever", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, commit: func(s *memory.Store, ctx context.Context, p *store.Plan, _ time.Duration) (store.LeaseID, error) {
			return s.CommitLeased(ctx, p, 1000*time.Hour)
		}}
	}},
	{"leaser/many are acknowledged, each for itself", "acknowledges none where one is lost", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, ack: func(s *memory.Store, ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
			for _, id := range ids {
				if err := s.Renew(ctx, id, time.Minute); err != nil {
					return ids, store.CheckLeases(ids)
				}
			}
			return s.AckAll(ctx, ids)
		}}
	}},
	{"leaser/many are acknowledged, each for itself", "tells of none that is lost", func(s *memory.Store) store.ChatStore {
		return leasing{Store: s, ack: func(s *memory.Store, ctx context.Context, ids []store.LeaseID) ([]store.LeaseID, error) {
			_, err := s.AckAll(ctx, ids)
			return nil, err
		}}
	}},
}
