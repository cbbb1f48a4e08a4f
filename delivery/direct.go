package delivery

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
)

// chatOf is a chat of a tenant.
type chatOf struct {
	tenant string
	chat   uuid.UUID
}

// Commit commits a plan to chats, the store whose Outbox the Dispatcher works
// on. Its error is that of the store's Commit.
//
// If Run is running, has a free slot for the tenant and has left no due
// delivery in the outbox, Commit leases the delivery of the plan in the same
// step (store.Leaser.CommitLeased), and Run hands it over without a claim.
// Otherwise Commit wakes Run to look for it.
func (d *Dispatcher) Commit(ctx context.Context, chats store.ChatStore, p *store.Plan) error {
	r := d.running.Load()
	if p.Content == nil || r == nil || !r.place(p.Tenant) {
		err := chats.Commit(ctx, p)
		if err == nil && p.Content != nil {
			d.follow(r, p)
		}
		return err
	}
	began, taken := time.Now(), false
	defer func() {
		if !taken {
			r.leave()
		}
	}()
	id, err := d.outbox.CommitLeased(ctx, p, d.opts.Lease)
	switch {
	case err != nil:
		return err
	case id == store.LeaseID{}:
		d.follow(r, p)
		return nil
	}
	taken = true
	delivery, _ := p.Delivery()
	r.beginDirect(&errand{
		Claimed: store.Claimed{Lease: id, Delivery: delivery, Attempts: 1, At: store.Micros(p.At)},
		since:   began, direct: true,
	})
	return nil
}

// place says whether a delivery may be leased as it is committed: the tenant
// may begin with one now, and nothing that is due waits for that. Many are
// committed together, and few at a time are sent: those that find no slot then
// wait for one under their lease.
func (r *run) place(tenant string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	slots := r.opts.Concurrency
	if r.over || r.short || r.committing >= 4*slots || r.acks.waiting() >= maxUnacknowledged || !r.mayBegin(tenant, slots, r.busy) {
		return false
	}
	r.committing++
	return true
}

// leave ends a commit that leased nothing.
func (r *run) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.committing--
	if r.over {
		r.tell()
	}
}

// beginDirect begins with a delivery that was leased as it was committed, when
// there is a slot for it.
func (r *run) beginDirect(e *errand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.committing--
	if r.over && r.settling.Err() != nil { // finish did not wait for it
		return
	}
	r.chats[chatOf{e.Claimed.Lease.Tenant, e.Delivery.ChatID}] = e
	e.lease = r.hold(e.Claimed.Lease, e.since)
	r.ready = append(r.ready, e)
	r.beginReady()
}

// beginReady begins with what waits for a slot and may have one. It is called
// under run.mu.
func (r *run) beginReady() {
	rest := r.ready[:0]
	for _, e := range r.ready {
		tenant := e.Claimed.Lease.Tenant
		if !r.mayBegin(tenant, r.opts.Concurrency, r.busy) {
			rest = append(rest, e)
			continue
		}
		r.busy++
		r.begins(tenant)
		go r.deliver(e)
	}
	clear(r.ready[len(rest):])
	r.ready = rest
}

// follow sees to it that a delivery that was committed and not leased is looked
// for: at once, or when what is sent to its chat now is acknowledged.
func (d *Dispatcher) follow(r *run, p *store.Plan) {
	if r == nil || !r.follows(chatOf{p.Tenant, p.ChatID}) {
		d.Wake()
	}
}

func (r *run) follows(chat chatOf) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.chats[chat]
	if e == nil {
		return false
	}
	e.followed = true
	if e.sent {
		r.acks.hurry()
	}
	return true
}

// urgent says whether a delivery that was just handed over is to be
// acknowledged at once: another one of its chat may wait for that.
func (r *run) urgent(e *errand) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.sent = true
	return !e.direct || e.followed || r.over
}

// forget ends what was kept of a delivery until it was settled, and says
// whether another one may wait for that.
func (r *run) forget(e *errand) (awaited bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if chat := (chatOf{e.Claimed.Lease.Tenant, e.Delivery.ChatID}); e.direct && r.chats[chat] == e {
		delete(r.chats, chat)
	}
	return !e.direct || e.followed || r.over || r.short
}
