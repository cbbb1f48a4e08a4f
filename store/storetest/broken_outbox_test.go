package storetest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// claiming is a store with another Claim.
type claiming struct {
	*memory.Store
	claim func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error)
}

func (c claiming) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	return c.claim(c.Store, ctx, lease, limit, except...)
}

// settling is a store with other ways to settle leases.
type settling struct {
	*memory.Store
	ack  func(s *memory.Store, ctx context.Context, id store.LeaseID) error
	nack func(s *memory.Store, ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error
	park func(s *memory.Store, ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error
}

func (o settling) Ack(ctx context.Context, id store.LeaseID) error {
	if o.ack == nil {
		return o.Store.Ack(ctx, id)
	}
	return o.ack(o.Store, ctx, id)
}

func (o settling) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	if o.nack == nil {
		return o.Store.Nack(ctx, id, attempts, wait)
	}
	return o.nack(o.Store, ctx, id, attempts, wait)
}

func (o settling) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	if o.park == nil {
		return o.Store.Park(ctx, id, attempts, why)
	}
	return o.park(o.Store, ctx, id, attempts, why)
}

// tokenless identifies leases by their message only.
type tokenless struct {
	*memory.Store
	leases map[uuid.UUID]store.LeaseID
}

func (o tokenless) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := o.Store.Claim(ctx, lease, limit, except...)
	for _, c := range claimed {
		o.leases[c.Lease.MessageID] = c.Lease
	}
	return claimed, err
}

func (o tokenless) Ack(ctx context.Context, id store.LeaseID) error {
	return o.Store.Ack(ctx, o.leases[id.MessageID])
}

// releasing is a store with another Release.
type releasing struct {
	*memory.Store
	release func(s *memory.Store, ctx context.Context, tenant string, id uuid.UUID, leave bool) error
}

func (r releasing) Release(ctx context.Context, tenant string, id uuid.UUID, leave bool) error {
	return r.release(r.Store, ctx, tenant, id, leave)
}

// counting is a store with another Backlog.
type counting struct {
	*memory.Store
	count func(b *store.Backlog)
}

func (c counting) Backlog(ctx context.Context) (store.Backlog, error) {
	b, err := c.Store.Backlog(ctx)
	c.count(&b)
	return b, err
}

// eager claims deliveries that a retry must hold back.
func eager(s *memory.Store) store.ChatStore {
	return settling{Store: s, nack: func(s *memory.Store, ctx context.Context, id store.LeaseID, attempts int, _ time.Duration) error {
		return s.Nack(ctx, id, attempts, 0)
	}}
}

// rerouting is a store with another Reroute.
type rerouting struct {
	*memory.Store
	reroute func(s *memory.Store, ctx context.Context, id store.LeaseID, p *store.Plan) error
}

func (r rerouting) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	return r.reroute(r.Store, ctx, id, p)
}

// claims is a store that changes its claims.
func claims(change func(c *store.Claimed)) func(s *memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, limit, except...)
			for i := range claimed {
				change(&claimed[i])
			}
			return claimed, err
		}}
	}
}

var outboxFaults = []fault{
	{"outbox/the terms come out", "loses the terms", claims(func(c *store.Claimed) { c.Delivery.Terms = nil })},
	{"park/says why", "parks for one reason only", func(s *memory.Store) store.ChatStore {
		return settling{Store: s, park: func(s *memory.Store, ctx context.Context, id store.LeaseID, attempts int, _ store.ParkReason) error {
			return s.Park(ctx, id, attempts, store.ParkedAttempts)
		}}
	}},
	{"park/released to leave its line", "forgets that it is to leave", claims(func(c *store.Claimed) { c.Leave = false })},
	{"park/dropped", "releases what it is to drop", func(s *memory.Store) store.ChatStore { return undropped{s} }},
	{"reroute/moves the message", "acknowledges, and commits nothing", func(s *memory.Store) store.ChatStore {
		return rerouting{s, func(s *memory.Store, ctx context.Context, id store.LeaseID, _ *store.Plan) error {
			return s.Ack(ctx, id)
		}}
	}},
	{"reroute/keeps the order", "enqueues it behind all others", func(s *memory.Store) store.ChatStore {
		return rerouting{s, func(s *memory.Store, ctx context.Context, id store.LeaseID, p *store.Plan) error {
			if err := s.Reroute(ctx, id, p); err != nil {
				return err
			}
			later := *p
			later.MessageID, later.Key = uuid.New(), "" // the content comes once more, at the end
			later.Reason, later.PreviousChatID = store.ReusedActiveChat, uuid.Nil
			snap, _ := s.Lookup(ctx, store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
			later.Revision = snap.Revision
			return s.Commit(ctx, &later)
		}}
	}},
	{"reroute/conflicts change nothing", "gives the delivery back", func(s *memory.Store) store.ChatStore {
		return rerouting{s, func(s *memory.Store, ctx context.Context, id store.LeaseID, p *store.Plan) error {
			err := s.Reroute(ctx, id, p)
			if kindOf(err) != 0 {
				_ = s.Nack(ctx, id, 0, 0)
			}
			return err
		}}
	}},
	{"reroute/under a lease only", "takes any lease", func(s *memory.Store) store.ChatStore {
		return rerouting{s, func(s *memory.Store, ctx context.Context, id store.LeaseID, p *store.Plan) error {
			if err := s.Reroute(ctx, id, p); !errors.Is(err, store.ErrLeaseLost) {
				return err
			}
			return nil
		}}
	}},
	{"reroute/what waited goes first", "hands out what is held", func(s *memory.Store) store.ChatStore { return unheld{s, map[uuid.UUID]store.Claimed{}} }},

	{"plan/a delivery without an outbox", "drops deliveries", planning(func(p *store.Plan) { p.Content = nil })},
	{"outbox/what was committed comes out", "counts attempts from zero", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, limit, except...)
			for i := range claimed {
				claimed[i].Attempts--
			}
			return claimed, err
		}}
	}},
	{"outbox/a commit that wrote nothing enqueues nothing", "enqueues before it commits", func(s *memory.Store) store.ChatStore {
		return committing{s, func(s *memory.Store, ctx context.Context, p *store.Plan) error {
			err := s.Commit(ctx, p)
			if kindOf(err) == store.RevisionMoved {
				c := *p
				snap, _ := s.Lookup(ctx, store.Query{Tenant: p.Tenant, Set: p.Set.Key()})
				c.Revision = snap.Revision
				_ = s.Commit(ctx, &c)
			}
			return err
		}}
	}},
	{"outbox/one of a chat at a time, in the order of commits", "hands out what it likes", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			var all []store.Claimed
			for {
				claimed, err := s.Claim(ctx, lease, limit, except...)
				if err != nil || len(claimed) == 0 {
					return all, err
				}
				all = append(all, claimed...)
				for _, c := range claimed {
					if err := s.Ack(ctx, c.Lease); err != nil {
						return nil, err
					}
				}
			}
		}}
	}},
	{"outbox/many, up to the limit", "does not know limits", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, _ int, except ...string) ([]store.Claimed, error) {
			return s.Claim(ctx, lease, 0, except...)
		}}
	}},
	{"outbox/the longest due come first", "hands out the latest first", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, 0, except...)
			if limit == 0 || len(claimed) <= limit {
				return claimed, err
			}
			rest := len(claimed) - limit
			for _, c := range claimed[:rest] {
				err = errors.Join(err, s.Nack(ctx, c.Lease, c.Attempts-1, 0))
			}
			return claimed[rest:], err
		}}
	}},
	{"outbox/but for some tenants", "leaves out none", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, _ ...string) ([]store.Claimed, error) {
			return s.Claim(ctx, lease, limit)
		}}
	}},
	{"outbox/but for some tenants", "leaves them out of what it claimed", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, limit)
			return slices.DeleteFunc(claimed, func(c store.Claimed) bool { return slices.Contains(except, c.Lease.Tenant) }), err
		}}
	}},
	{"outbox/ids are those of a tenant", "shows the parked of all tenants", func(s *memory.Store) store.ChatStore {
		return tenantless{s, new([]string)}
	}},
	{"outbox/the backlog", "does not count what is leased", func(s *memory.Store) store.ChatStore {
		return &unleased{Store: s}
	}},
	{"outbox/the backlog", "does not know the oldest", func(s *memory.Store) store.ChatStore {
		return counting{s, func(b *store.Backlog) { b.Oldest = time.Time{} }}
	}},
	{"lease/runs out by the store's clock", "gives leases for ever", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			return s.Claim(ctx, lease*1000, limit, except...)
		}}
	}},
	{"lease/runs out by the store's clock", "takes an Ack of a lease that is lost for good", func(s *memory.Store) store.ChatStore {
		return settling{Store: s, ack: func(s *memory.Store, ctx context.Context, id store.LeaseID) error {
			if err := s.Ack(ctx, id); !errors.Is(err, store.ErrLeaseLost) {
				return err
			}
			return nil
		}}
	}},
	{"lease/runs out by the store's clock", "knows deliveries by their message alone", func(s *memory.Store) store.ChatStore {
		return tokenless{s, make(map[uuid.UUID]store.LeaseID)}
	}},
	{"lease/a claim is no attempt, and a try that was told is one", "counts claims", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, limit, except...)
			for _, c := range claimed {
				err = errors.Join(err, s.Try(ctx, c.Lease, c.Attempts))
			}
			return claimed, err
		}}
	}},
	{"lease/a claim is no attempt, and a try that was told is one", "says of no lease that it ran out", func(s *memory.Store) store.ChatStore {
		return claiming{s, func(s *memory.Store, ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
			claimed, err := s.Claim(ctx, lease, limit, except...)
			for i := range claimed {
				claimed[i].Unsettled = false
			}
			return claimed, err
		}}
	}},
	{"lease/a claim is no attempt, and a try that was told is one", "forgets what was tried", func(s *memory.Store) store.ChatStore { return untried{s} }},
	{"lease/renewed from now", "does not renew", func(s *memory.Store) store.ChatStore { return unrenewed{s} }},
	{"lease/made up", "believes any lease", func(s *memory.Store) store.ChatStore {
		return tokenless{s, make(map[uuid.UUID]store.LeaseID)}
	}},
	{"retry/holds back the later ones", "does not wait for a retry", eager},
	{"retry/holds back the later ones", "lets the later ones pass", func(s *memory.Store) store.ChatStore {
		return settling{Store: s, nack: func(s *memory.Store, ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
			if wait > 0 {
				return s.Park(ctx, id, attempts, store.ParkedAttempts)
			}
			return s.Nack(ctx, id, attempts, wait)
		}}
	}},
	{"park/lets the later ones pass", "parks for a while only", func(s *memory.Store) store.ChatStore {
		return settling{Store: s, park: func(s *memory.Store, ctx context.Context, id store.LeaseID, attempts int, _ store.ParkReason) error {
			return s.Nack(ctx, id, attempts, time.Hour)
		}}
	}},
	{"park/released into its old place", "releases what is not parked", func(s *memory.Store) store.ChatStore {
		return releasing{s, func(s *memory.Store, ctx context.Context, tenant string, id uuid.UUID, leave bool) error {
			if err := s.Release(ctx, tenant, id, leave); !errors.Is(err, store.ErrNoRecord) {
				return err
			}
			return nil
		}}
	}},
	{"park/attempts add up", "forgets attempts when it parks", func(s *memory.Store) store.ChatStore { return fresh{s} }},
	{"forget/a delivery that is leased", "keeps deliveries that were leased", func(s *memory.Store) store.ChatStore {
		return settling{Store: s, nack: func(*memory.Store, context.Context, store.LeaseID, int, time.Duration) error {
			return store.ErrLeaseLost
		}}
	}},
	{"forget/what was leased then holds back no other", "ends a claim at the first that was forgotten", func(s *memory.Store) store.ChatStore {
		return &halting{Store: s}
	}},
	{"forget/a delivery whose lease has just ended", "keeps deliveries that were ever leased", func(s *memory.Store) store.ChatStore {
		return &hoarding{Store: s}
	}},
}

// hoarding keeps the deliveries that it claimed, whatever happens.
type hoarding struct {
	*memory.Store
	claimed []uuid.UUID
}

func (o *hoarding) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := o.Store.Claim(ctx, lease, limit, except...)
	for _, c := range claimed {
		o.claimed = append(o.claimed, c.Delivery.MessageID)
	}
	return claimed, err
}

func (o *hoarding) Commit(ctx context.Context, p *store.Plan) error {
	if slices.Contains(o.claimed, p.MessageID) {
		return store.ErrInvalid
	}
	return o.Store.Commit(ctx, p)
}

// halting claims nothing the first time after a person was forgotten.
type halting struct {
	*memory.Store
	halt bool
}

func (o *halting) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	o.halt = true
	return o.Store.Forget(ctx, tenant, h)
}

func (o *halting) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	if o.halt {
		o.halt = false
		return nil, nil
	}
	return o.Store.Claim(ctx, lease, limit, except...)
}

// tenantless shows parked deliveries of all tenants.
type tenantless struct {
	*memory.Store
	tenants *[]string
}

func (o tenantless) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	*o.tenants = append(*o.tenants, id.Tenant)
	return o.Store.Park(ctx, id, attempts, why)
}

func (o tenantless) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) (all []store.ParkedDelivery, next uuid.UUID, err error) {
	for _, t := range append(*o.tenants, tenant) {
		parked, _, err := o.Store.Parked(ctx, t, after, limit)
		if err != nil {
			return nil, uuid.Nil, err
		}
		all = append(all, parked...)
	}
	return all, uuid.Nil, nil
}

// unleased does not count leased deliveries.
type unleased struct {
	*memory.Store
	out int
}

func (u *unleased) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := u.Store.Claim(ctx, lease, limit, except...)
	u.out += len(claimed)
	return claimed, err
}

func (u *unleased) Backlog(ctx context.Context) (store.Backlog, error) {
	b, err := u.Store.Backlog(ctx)
	b.Waiting -= u.out
	return b, err
}

// untried reports a kept attempt, and keeps none.
type untried struct{ *memory.Store }

func (untried) Try(context.Context, store.LeaseID, int) error { return nil }

// unrenewed reports a renewed lease, and renews none.
type unrenewed struct{ *memory.Store }

func (unrenewed) Renew(context.Context, store.LeaseID, time.Duration) error { return nil }

// fresh shows parked deliveries without their attempts.
type fresh struct{ *memory.Store }

func (f fresh) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	parked, next, err := f.Store.Parked(ctx, tenant, after, limit)
	for i := range parked {
		parked[i].Attempts = 0
	}
	return parked, next, err
}

// undropped releases deliveries that it must drop.
type undropped struct{ *memory.Store }

func (u undropped) Drop(ctx context.Context, tenant string, id uuid.UUID) error {
	return u.Release(ctx, tenant, id, false)
}

// unheld claims the first delivery of each chat, although others wait before
// it.
type unheld struct {
	*memory.Store
	first map[uuid.UUID]store.Claimed // by chat
}

func (u unheld) Commit(ctx context.Context, p *store.Plan) error {
	err := u.Store.Commit(ctx, p)
	if d, is := p.Delivery(); is && err == nil && u.first[d.ChatID].Attempts == 0 {
		u.first[d.ChatID] = store.Claimed{
			Lease: store.LeaseID{Tenant: p.Tenant, MessageID: p.MessageID, Token: uuid.New()}, Delivery: d, Attempts: 1, At: p.At,
		}
	}
	return err
}

func (u unheld) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) ([]store.Claimed, error) {
	claimed, err := u.Store.Claim(ctx, lease, limit, except...)
	for _, c := range claimed {
		delete(u.first, c.Delivery.ChatID)
	}
	for _, c := range u.first {
		claimed = append(claimed, c)
	}
	clear(u.first)
	return claimed, err
}
