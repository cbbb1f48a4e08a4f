package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/store"
)

// dispatcher hands deliveries over to the network, as the package delivery does
// it: it claims some, and sends each while it holds its lease.
type dispatcher struct {
	world *world
	name  string
	held  []store.Claimed
}

// step lets a dispatcher claim, send, fail or die.
func (d *dispatcher) step() {
	w := d.world
	if len(d.held) == 0 {
		d.claim(1 + w.draw.below(3))
		return
	}
	first := d.held[0]
	switch w.draw.below(6) {
	case 3: // the network does not take it now
		d.held = d.held[1:]
		d.settle(w.engine.Nack(context.Background(), first.Lease, first.Attempts, time.Minute))
		w.log("%s: %s has to wait", d.name, first.Delivery.MessageID)
		if w.draw.once(4) {
			w.lineRefused(first.Lease.Tenant, first.Delivery.From)
		}
	case 4: // it dies before it sends
		d.held = nil
		w.log("%s dies", d.name)
		if w.bug.AckBeforeSend {
			d.settle(w.engine.Ack(context.Background(), first.Lease))
		}
	case 5: // it dies after it sent, before it could say so
		d.send(first)
		d.held = nil
		w.log("%s dies", d.name)
	default:
		d.send(first)
		d.held = d.held[1:]
		d.settle(w.engine.Ack(context.Background(), first.Lease))
	}
}

// claim takes deliveries that are due.
func (d *dispatcher) claim(limit int) {
	var err error
	if d.held, err = d.world.engine.Claim(context.Background(), lease, limit); err != nil {
		panic(err)
	}
	d.world.log("%s claims %d", d.name, len(d.held))
}

// send hands a delivery over if its lease can still be renewed.
func (d *dispatcher) send(c store.Claimed) {
	w := d.world
	err := w.engine.Renew(context.Background(), c.Lease, lease)
	if d.settle(err); err != nil {
		return
	}
	if c.Unsettled { // it may have killed its process
		if err := w.engine.Try(context.Background(), c.Lease, c.Attempts); err != nil {
			d.settle(err)
			return
		}
	}
	w.log("%s hands over %s in chat %s", d.name, c.Delivery.MessageID, c.Delivery.ChatID)
	w.stats.HandedOver++
	w.ledger.handedOver(c)
}

// settle takes what the store says of a lease; a lost one is no failure.
func (d *dispatcher) settle(err error) {
	if err != nil && !errors.Is(err, store.ErrLeaseLost) {
		panic(fmt.Errorf("sim: %w", err))
	}
}

const lease = 10 * time.Second
