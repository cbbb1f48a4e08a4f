package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// dispatcher hands deliveries over to the network as the package delivery does:
// it claims some, asks the Router of its process whether each can stay on its
// line, and sends it while it holds the lease.
type dispatcher struct {
	world   *world
	name    string
	process *process
	held    []store.Claimed
	sent    []store.Claimed // handed over but not acknowledged

	asked *task // about the first held delivery; nil if there is no call
	stays bool  // the Router answered that it stays
}

// step makes a dispatcher claim, ask, send, fail or die.
func (d *dispatcher) step() {
	w := d.world
	switch {
	case d.asked != nil: // the world runs it
		d.renew()
		return
	case len(d.sent) > 0 && w.draw.once(3):
		d.ackSent()
		return
	case len(d.held) == 0:
		d.claim(1 + w.draw.below(3))
		return
	case !d.stays:
		first := d.held[0]
		why := delivery.IfNeeded
		if first.Leave {
			why = delivery.Released
		}
		d.asked = d.process.reroute(d, first, why)
		w.move(d.asked)
		return
	}
	d.stays = false
	first := d.held[0]
	switch w.draw.below(8) {
	case 3: // the network does not take it now
		if w.draw.once(3) {
			d.flagRefused(first)
			return
		}
		d.held = d.held[1:]
		d.settle(w.outbox.Nack(context.Background(), first.Lease, first.Attempts, time.Minute))
		w.log("%s: %s has to wait", d.name, first.Delivery.MessageID)
	case 4: // it dies before it sends
		if w.bug.AckBeforeSend {
			d.settle(w.outbox.Ack(context.Background(), first.Lease))
		}
		d.die()
	case 5: // it dies after it sent, before it could say so
		d.send(first)
		d.die()
	case 6:
		if w.draw.once(3) {
			d.park(first)
			return
		}
		fallthrough
	default:
		d.send(first)
		d.held = d.held[1:]
		if w.draw.once(2) {
			d.sent = append(d.sent, first)
		} else {
			d.ack(first)
		}
	}
}

// take gives a delivery that was leased at its commit to a dispatcher of the
// process. If there is none, the lease runs out.
func (p *process) take(c store.Claimed) {
	for _, d := range p.world.dispatchers {
		if d.process == p {
			d.held = append(d.held, c)
			return
		}
	}
}

// ackSent acknowledges everything that was handed over, in one call.
func (d *dispatcher) ackSent() {
	some := d.sent
	if d.sent = nil; d.world.bug.AcksHeld {
		some = append(some, d.held...)
	}
	ids := make([]store.LeaseID, len(some))
	for i, c := range some {
		ids[i] = c.Lease
	}
	lost, err := d.world.outbox.AckAll(context.Background(), ids)
	if err != nil {
		panic(fmt.Errorf("sim: %w", err))
	}
	for _, c := range some {
		if !slices.Contains(lost, c.Lease) {
			d.world.ledger.last(c.Lease.Tenant, c.Lease.MessageID).settled = true
		}
	}
	d.world.log("%s acknowledges %d, %d of them too late", d.name, len(ids), len(lost))
}

// claim claims due deliveries.
func (d *dispatcher) claim(limit int) {
	w := d.world
	var err error
	if d.held, err = w.outbox.Claim(context.Background(), lease, limit); err != nil {
		panic(err)
	}
	w.log("%s claims %d", d.name, len(d.held))
	for _, c := range d.held {
		w.ledger.claimed(c, w.others(c))
		w.due(c)
	}
}

// others returns the other chats with the people of a delivery, if its chat
// still is one of theirs.
func (w *world) others(c store.Claimed) (chats []uuid.UUID) {
	snapshot, err := w.engine.Lookup(context.Background(), store.Query{Tenant: c.Lease.Tenant, Set: c.Delivery.To.Key()})
	if err != nil {
		panic(err)
	}
	there := func(known store.Chat) bool { return known.ID == c.Delivery.ChatID }
	if !slices.ContainsFunc(snapshot.Chats, there) {
		return nil
	}
	for _, known := range snapshot.Chats {
		chats = append(chats, known.ID)
	}
	return chats
}

// die drops what a dispatcher holds.
func (d *dispatcher) die() {
	d.held, d.sent, d.asked, d.stays = nil, nil, nil, false
	d.world.log("%s dies", d.name)
}

// renew renews the lease of the first held delivery.
func (d *dispatcher) renew() {
	d.settle(d.world.outbox.Renew(context.Background(), d.held[0].Lease, lease))
}

// park parks a delivery that the network refuses for good.
func (d *dispatcher) park(c store.Claimed) {
	w := d.world
	d.held = d.held[1:]
	err := w.outbox.Park(context.Background(), c.Lease, c.Attempts, store.ParkedRefused)
	if d.settle(err); err == nil {
		w.ledger.park(c)
		w.stats.Parked++
		w.log("%s: %s is parked", d.name, c.Delivery.MessageID)
	}
}

// send hands a delivery over if its lease can still be renewed.
func (d *dispatcher) send(c store.Claimed) {
	w := d.world
	err := w.outbox.Renew(context.Background(), c.Lease, lease)
	if d.settle(err); err != nil {
		return
	}
	if c.Unsettled { // it may have killed its process
		if err := w.outbox.Try(context.Background(), c.Lease, c.Attempts); err != nil {
			d.settle(err)
			return
		}
	}
	w.log("%s hands over %s in chat %s", d.name, c.Delivery.MessageID, c.Delivery.ChatID)
	w.stats.HandedOver++
	w.ledger.handedOver(c)
}

// ack acknowledges a delivery that was handed over.
func (d *dispatcher) ack(c store.Claimed) {
	err := d.world.outbox.Ack(context.Background(), c.Lease)
	if d.settle(err); err == nil {
		d.world.ledger.last(c.Lease.Tenant, c.Lease.MessageID).settled = true
	}
}

// settle accepts an answer of the store about a lease: a lost lease is no
// failure.
func (d *dispatcher) settle(err error) {
	if err != nil && !errors.Is(err, store.ErrLeaseLost) {
		panic(fmt.Errorf("sim: %w", err))
	}
}

const lease = 10 * time.Second
