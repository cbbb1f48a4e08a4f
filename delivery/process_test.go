package delivery_test

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// process is one incarnation of a dispatcher's process.
type process struct {
	*world
	dispatcher *delivery.Dispatcher
	name       string
	sending    map[int]int // its calls of Send on their way, by chat
	killed     bool        // like sending, guarded by the world
}

// kill ends a process: what it goes on to do has no effect.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	for c, n := range p.sending {
		p.world.sending[c] -= n
	}
	p.world.kills++
}

func (p *process) isKilled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// call lets a call of the store happen, or fail before or after it happened, or
// take long. A killed process reaches nothing any more.
func (p *process) call(ctx context.Context, what string, do func(context.Context) error) error {
	switch {
	case p.isKilled():
		return errFault
	case p.isDown():
		return errAway
	}
	r := p.chance(what)
	if p.isCalm() || r.Float64() >= p.storeBad || !p.mayFail(what) {
		return do(ctx)
	}
	kinds, after := 4, false
	if p.gentle {
		kinds = 2
	}
	switch r.IntN(kinds) {
	case 0:
		return []error{errFault, errAway}[r.IntN(2)]
	case 1:
		after = true
	default:
		select {
		case <-time.After(time.Duration(r.Int64N(int64(6 * time.Second)))):
		case <-ctx.Done():
			return ctx.Err()
		}
		if p.isKilled() {
			return errFault
		}
	}
	err := do(ctx)
	if after && err == nil {
		return errFault
	}
	return err
}

func (p *process) Claim(ctx context.Context, lease time.Duration, limit int, except ...string) (claimed []store.Claimed, err error) {
	err = p.call(ctx, p.name+" claim", func(ctx context.Context) (err error) {
		claimed, err = p.outbox.Claim(ctx, lease, limit, except...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (p *process) Renew(ctx context.Context, id store.LeaseID, lease time.Duration) error {
	return p.call(ctx, "renew "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Renew(ctx, id, lease) })
}

func (p *process) Try(ctx context.Context, id store.LeaseID, attempts int) error {
	return p.call(ctx, "try "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Try(ctx, id, attempts) })
}

func (p *process) Ack(ctx context.Context, id store.LeaseID) error {
	return p.call(ctx, "ack "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Ack(ctx, id) })
}

func (p *process) AckAll(ctx context.Context, ids []store.LeaseID) (lost []store.LeaseID, err error) {
	err = p.call(ctx, p.name+" ack all", func(ctx context.Context) (err error) {
		lost, err = p.outbox.AckAll(ctx, ids)
		return err
	})
	return lost, err
}

func (p *process) CommitLeased(ctx context.Context, plan *store.Plan, lease time.Duration) (id store.LeaseID, err error) {
	err = p.call(ctx, p.name+" commit", func(ctx context.Context) (err error) {
		id, err = p.outbox.CommitLeased(ctx, plan, lease)
		return err
	})
	if err != nil {
		return store.LeaseID{}, err
	}
	return id, nil
}

func (p *process) Park(ctx context.Context, id store.LeaseID, attempts int, why store.ParkReason) error {
	return p.call(ctx, "nack "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Park(ctx, id, attempts, why) })
}

func (p *process) Nack(ctx context.Context, id store.LeaseID, attempts int, wait time.Duration) error {
	return p.call(ctx, "nack "+id.MessageID.String(), func(ctx context.Context) error { return p.outbox.Nack(ctx, id, attempts, wait) })
}

// Send is the network: it takes the message, or fails, or takes it and fails to
// say so, at once or after a long time.
func (p *process) Send(ctx context.Context, d delivery.Delivery) error {
	p.begin(d)
	defer p.end(d)
	r := p.chance("send " + d.MessageID.String())
	var took time.Duration
	if p.takes > 0 {
		took = time.Duration(r.Int64N(int64(p.takes) + 1))
	}
	taken, err := true, error(nil)
	if !p.isCalm() && r.Float64() < p.netBad {
		took = []time.Duration{0, 20 * time.Millisecond, 4 * time.Second, 25 * time.Second, 40 * time.Second}[r.IntN(5)]
		switch r.IntN(6) {
		case 0:
			taken, err = false, &delivery.Failure{Err: errFault, Permanent: true}
		case 1:
			taken, err = false, &delivery.Failure{Err: errFault, RetryAfter: 20 * time.Second}
		case 2:
			taken, err = true, errFault
		case 3:
			taken, err = false, errFault
		case 4:
			defer panic("injected panic")
			taken = false
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(took):
	}
	if p.isKilled() {
		return errFault
	}
	if taken {
		p.take(d)
	}
	return err
}

// begin checks that no other message of the chat is being sent.
func (p *process) begin(d delivery.Delivery) {
	w := p.world
	c, m := placeOf(d.MessageID)
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.killed {
		return
	}
	p.sending[c]++
	w.sends[d.MessageID]++
	// Of two sends at most one does not count: one that the process did not
	// survive.
	if w.sends[d.MessageID] > 2*w.attempts {
		w.breakLaw("message %d of chat %d was sent %d times", m, c, w.sends[d.MessageID])
	}
	if 2*d.Attempt < w.sends[d.MessageID] {
		w.breakLaw("send %d of message %d of chat %d was called attempt %d", w.sends[d.MessageID], m, c, d.Attempt)
	}
	if w.sending[c]++; w.sending[c] > 1 {
		w.breakLaw("two messages of chat %d on their way at once", c)
	}
	if d.ChatID != chatID(c) || d.Tenant != tenant || d.From != ourLine || !d.To.Equal(people(c)) {
		w.breakLaw("message %d of chat %d was sent as another one", m, c)
	}
}

func (p *process) end(d delivery.Delivery) {
	c, _ := placeOf(d.MessageID)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.killed {
		p.sending[c]--
		p.world.sending[c]--
	}
}

// take records that the network has the message, and checks that it has, or
// an operator parked, the earlier ones of the chat.
func (p *process) take(d delivery.Delivery) {
	w := p.world
	parked, _, err := w.outbox.Parked(context.Background(), tenant, uuid.Nil, 0)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.breakLaw("parked: %v", err)
	}
	c, m := placeOf(d.MessageID)
	for earlier := range m {
		id := messageID(c, earlier)
		isParked := slices.ContainsFunc(parked, func(p store.ParkedDelivery) bool { return p.Delivery.MessageID == id })
		if len(w.taken[id]) == 0 && !isParked {
			w.breakLaw("message %d of chat %d was taken before message %d", m, c, earlier)
		}
	}
	w.taken[d.MessageID] = append(w.taken[d.MessageID], time.Now())
}

// Release and the others reach the store as they are.
func (p *process) Parked(ctx context.Context, tenant string, after uuid.UUID, limit int) ([]store.ParkedDelivery, uuid.UUID, error) {
	return p.outbox.Parked(ctx, tenant, after, limit)
}

func (p *process) Release(ctx context.Context, tenant string, id uuid.UUID, leave bool) error {
	return p.outbox.Release(ctx, tenant, id, leave)
}

func (p *process) Backlog(ctx context.Context) (store.Backlog, error) { return p.outbox.Backlog(ctx) }
