package sim

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// outboxBug is an outbox with a bug.
type outboxBug struct {
	outbox
	engine  store.ChatStore
	reroute func(b *outboxBug, ctx context.Context, id store.LeaseID, p *store.Plan) error
	renew   func(error) error
	release func(leave bool) bool
	drop    bool // it does nothing

	overtakes bool // a commit leases its delivery although others wait
}

func (b *outboxBug) CommitLeased(ctx context.Context, p *store.Plan, lease time.Duration) (store.LeaseID, error) {
	if !b.overtakes {
		return b.outbox.CommitLeased(ctx, p, lease)
	}
	waiting, err := b.outbox.Claim(ctx, lease, 0)
	if err != nil {
		return store.LeaseID{}, err
	}
	for _, c := range waiting {
		_ = b.outbox.Park(ctx, c.Lease, c.Attempts, store.ParkedRefused)
	}
	id, err := b.outbox.CommitLeased(ctx, p, lease)
	for _, c := range waiting {
		_ = b.outbox.Release(ctx, c.Lease.Tenant, c.Lease.MessageID, c.Leave)
	}
	return id, err
}

// within puts an outbox with a bug in front of a world's.
func within(b outboxBug) func(outbox) outbox {
	return func(inner outbox) outbox {
		b.outbox, b.engine = inner, inner.(store.ChatStore)
		return &b
	}
}

func (b *outboxBug) Reroute(ctx context.Context, id store.LeaseID, p *store.Plan) error {
	if b.reroute == nil {
		return b.outbox.Reroute(ctx, id, p)
	}
	other := *p
	return b.reroute(b, ctx, id, &other)
}

func (b *outboxBug) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	err := b.outbox.Renew(ctx, id, lease)
	if b.renew != nil {
		return b.renew(err)
	}
	return err
}

func (b *outboxBug) Release(ctx context.Context, tenant string, message uuid.UUID, leave bool) error {
	if b.release != nil {
		leave = b.release(leave)
	}
	return b.outbox.Release(ctx, tenant, message, leave)
}

func (b *outboxBug) Drop(ctx context.Context, tenant string, message uuid.UUID) error {
	if b.drop {
		return b.outbox.Release(ctx, tenant, message, false)
	}
	return b.outbox.Drop(ctx, tenant, message)
}

// reroutes is an outbox that commits another plan than the given one.
func reroutes(change func(store.ChatStore, *store.Plan)) func(outbox) outbox {
	return within(outboxBug{reroute: func(b *outboxBug, ctx context.Context, id store.LeaseID, p *store.Plan) error {
		change(b.engine, p)
		return b.outbox.Reroute(ctx, id, p)
	}})
}

func forgetKey(_ store.ChatStore, p *store.Plan) { p.Key = "" }

// rerouteLost removes the old delivery and adds none.
var rerouteLost = within(outboxBug{reroute: func(b *outboxBug, ctx context.Context, id store.LeaseID, p *store.Plan) error {
	return b.outbox.Ack(ctx, id)
}})

// rerouteOld commits the decision and leaves the delivery where it was, as a
// crash between two steps would.
var rerouteOld = within(outboxBug{reroute: func(b *outboxBug, ctx context.Context, id store.LeaseID, p *store.Plan) error {
	if err := b.outbox.Renew(ctx, id, lease); err != nil {
		return err
	}
	p.Content, p.Terms, p.Key, p.MessageID[0] = nil, nil, "", p.MessageID[0]+1
	return b.engine.Commit(ctx, p)
}})

// unleased reroutes a delivery although its lease was lost: it claims the
// delivery again.
var unleased = within(outboxBug{reroute: func(b *outboxBug, ctx context.Context, id store.LeaseID, p *store.Plan) error {
	err := b.outbox.Reroute(ctx, id, p)
	if err == nil || b.outbox.Renew(ctx, id, lease) == nil {
		return err
	}
	return nil
}})

func renewsAnything(error) error { return nil }
func staysPut(bool) bool         { return false }
