package sim

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// move is a delivery that a dispatcher claimed and asks a Router about: it may
// go to another line.
type move struct {
	dispatcher *dispatcher
	claimed    store.Claimed
	why        delivery.Leaving
	way        delivery.Way
}

// outbox is store.Outbox, with another name, so that embedding it hides none of
// its methods.
type outbox interface{ store.Outbox }

// remoteOutbox is the outbox as a process sees it: a reroute is a call like a
// commit.
type remoteOutbox struct {
	outbox
	remote remote
}

// Reroute implements store.Outbox.
func (o remoteOutbox) Reroute(_ context.Context, id store.LeaseID, p *store.Plan) error {
	t := o.remote.process.world.current
	req := &request{plan: p, lease: &id, facts: t.facts()}
	t.tried = true
	o.remote.call(req)
	if req.broken != nil {
		t.world.stats.Unknown++
		return req.broken
	}
	return req.err
}

// reroute starts a call that asks the Router of a process about a claimed
// delivery.
func (p *process) reroute(d *dispatcher, c store.Claimed, why delivery.Leaving) *task {
	t := p.task(p.world.ledger.sendOf(c))
	t.move = &move{dispatcher: d, claimed: c, why: why}
	p.run(t, func() { t.move.way = p.router.Reroute(t.ctx, c, why) })
	p.world.stats.AskedAgain++
	return t
}

// leaving changes the facts of a send whose message leaves a line: that line is
// flagged.
func (m *move) leaving(f *reference.Facts) {
	for i := range f.Lines {
		if f.Lines[i].Number == m.claimed.Delivery.From {
			f.Lines[i].Status = line.Flagged
		}
	}
}

// moved checks a reroute that the store has just committed, in addition to the
// checks of every plan: it has the message and key of the delivery, is not on
// the line that the message leaves, and has its content or that of its
// continuation.
func (w *world) moved(req *request) {
	t, p := req.task, req.plan
	c := &t.move.claimed
	e := w.ledger.last(c.Lease.Tenant, c.Lease.MessageID)
	w.stats.Rerouted++
	switch {
	case e == nil || p.MessageID != c.Lease.MessageID:
		broken(18, "%s: another message is rerouted", t)
	case e.plan.ChatID != c.Delivery.ChatID || e.settled:
		broken(18, "%s: the message is not there any more", t)
	case p.Line == c.Delivery.From:
		broken(18, "%s: the message is rerouted to the line that it leaves", t)
	case t.told.snapshot.Record != nil && (p.Key != e.plan.Key || p.Fingerprint != e.plan.Fingerprint):
		broken(18, "%s: the message has another key", t)
	case len(p.Moves) == 0 || p.Moves[len(p.Moves)-1].Line != c.Delivery.From || p.Moves[len(p.Moves)-1].ChatID != c.Delivery.ChatID:
		broken(18, "%s: the record does not say where the message was to go", t)
	case string(p.Content) != string(c.Delivery.Content) && !(p.Reason == store.FailoverFlagged && p.Continuation) &&
		!(p.Reason != store.ReusedActiveChat && t.send.facts.Reply): // a new chat has no message to reply to
		broken(18, "%s: the message has another content", t)
	}
	w.ledger.reroute(w.stats.Steps, e, p)
}

// flagRefused lets the network refuse a message because its line is flagged.
// The process of the dispatcher learns it, and its Router is asked where the
// message goes.
func (d *dispatcher) flagRefused(c store.Claimed) {
	d.world.lineRefusedBy(d.process, c.Lease.Tenant, c.Delivery.From)
	d.asked = d.process.reroute(d, c, delivery.FoundFlagged)
	d.world.move(d.asked)
}

// answered handles the Router's answer about the first held delivery.
func (d *dispatcher) answered(t *task) {
	w, m := d.world, t.move
	if d.asked != t {
		return // the dispatcher died meanwhile, and holds others
	}
	d.asked = nil
	w.log("%s is told of %s: moved %v, %v", d.name, m.claimed.Delivery.MessageID, m.way.Moved, m.way.Err)
	switch {
	case m.way.Moved:
		d.held = d.held[1:]
		if !t.committed {
			broken(18, "%s: the message is said to be rerouted, and is not", t)
		}
	case m.way.Err != nil:
		d.held = d.held[1:]
		w.stats.NoWay++
		d.settle(w.outbox.Nack(context.Background(), m.claimed.Lease, m.claimed.Attempts-1, m.wait()))
	case m.why == delivery.IfNeeded:
		d.stays = true
	default:
		broken(18, "%s: the message stays on a line that it was to leave", t)
	}
}

// wait returns how long a dispatcher waits for a line.
func (m *move) wait() time.Duration { return min(max(m.way.Wait, time.Second), time.Minute) }

// operator acts on a parked delivery.
func (w *world) operator() {
	t := w.tenants[w.draw.below(len(w.tenants))]
	parked, _, err := w.engine.Parked(context.Background(), t.name, uuid.Nil, 0)
	if err != nil {
		panic(err)
	}
	if len(parked) == 0 {
		return
	}
	p := parked[w.draw.below(len(parked))]
	remedy := delivery.Release + delivery.Remedy(w.draw.below(3))
	if err := remedy.One(context.Background(), w.outbox, t.name, p.Delivery.MessageID); err != nil {
		panic(err)
	}
	w.ledger.treat(t.name, p.Delivery.MessageID, remedy)
	w.stats.Treated++
	w.log("an operator: %v %s", remedy, p.Delivery.MessageID)
}

// releaseAll releases all parked deliveries, so that a world comes to rest.
func (w *world) releaseAll() {
	for _, t := range w.tenants {
		for p, err := range delivery.EachParked(context.Background(), w.engine, t.name, delivery.Selection{}) {
			if err != nil {
				panic(err)
			}
			if err := delivery.Release.One(context.Background(), w.engine, t.name, p.Delivery.MessageID); err != nil {
				panic(err)
			}
			w.ledger.treat(t.name, p.Delivery.MessageID, delivery.Release)
		}
	}
}
