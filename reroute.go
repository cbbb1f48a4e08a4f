package fromline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// moving is a message on its way to another line: a claimed delivery, and the
// record of its decision, nil if that was purged.
type moving struct {
	store.Claimed
	before *store.Record
}

// Reroute decides a claimed message again if its line can no longer continue,
// like a new send to the same people, and makes the decision durable. The
// message keeps its id, its key and its content, and never goes out from the
// line that it leaves. Run calls Reroute if Options.Sender is set. If your
// program has a Dispatcher of its own, give it Reroute as its
// delivery.Rerouter. The store must implement store.Outbox. Reroute is safe for
// concurrent use.
//
// Without Options.Reroute a message moves only after an operator has released
// it to leave its line (delivery.Released).
func (r *Router) Reroute(ctx context.Context, c store.Claimed, why delivery.Leaving) delivery.Way {
	tenant, from := c.Lease.Tenant, c.Delivery.From
	if r.fleet == nil {
		return delivery.Way{Err: errNotMade, Never: true}
	}
	if strings.HasSuffix(tenant, webhooksOf) && r.opts.Webhooks != nil {
		return delivery.Way{} // it has no line
	}
	if !r.opts.Reroute && why != delivery.Released {
		return delivery.Way{}
	}
	now := r.opts.Clock()
	switch why {
	case delivery.IfNeeded:
		_ = r.catchUp(ctx) // what is not known stops nothing
		view, err := r.fleet.View(ctx, tenant, now)
		if err != nil || view.Find(from).CanContinue() || view.Untold(from) {
			return delivery.Way{}
		}
	case delivery.FoundFlagged:
		r.tellFlagged(tenant, from)
	}
	checked, err := r.again(&c.Delivery)
	if err != nil {
		return delivery.Way{Err: err, Never: true}
	}
	s := sending{
		Router:    r,
		out:       Outgoing{Tenant: tenant, Request: checked},
		at:        store.Micros(now),
		keepFrom:  store.Micros(now),
		maxSkew:   r.opts.MaxSkew,
		messageID: c.Delivery.MessageID,
		moving:    &moving{Claimed: c},
	}
	d, err := s.run(ctx)
	if err == nil {
		r.logReroute(ctx, &c, &d)
		return delivery.Way{Moved: true}
	}
	way := delivery.Way{Err: fmt.Errorf("fromline: message %s cannot leave %s: %w", c.Delivery.MessageID, from, err)}
	_, way.Never = errors.AsType[*GateError](err) // whatever becomes of our lines
	if refusal, is := errors.AsType[*routing.Refusal](err); is && !refusal.NextFree.IsZero() {
		way.Wait = refusal.NextFree.Sub(now)
	}
	return way
}

// again returns the request of a delivery as it can be decided about again.
func (r *Router) again(d *store.Delivery) (validate.Checked, error) {
	request := &message.Request{}
	var err error
	if d.Terms != nil {
		if request, err = message.DecodeRequest(d.Terms); err != nil {
			return validate.Checked{}, fmt.Errorf("fromline: the terms of message %s cannot be read: %w", d.MessageID, err)
		}
	}
	if request.Message, err = message.DecodeContent(d.Content); err != nil {
		return validate.Checked{}, fmt.Errorf("fromline: the content of message %s cannot be read: %w", d.MessageID, err)
	}
	for _, h := range d.To.All() {
		request.To = append(request.To, h.String())
	}
	return r.Check(request)
}

// terms is what a request says beside its message that another decision needs.
func (s *sending) terms() ([]byte, error) {
	text, continued := s.out.Request.Continuation()
	var request message.Request
	for line := range s.out.Request.Excluded() {
		request.ExcludeFrom = append(request.ExcludeFrom, line.String())
	}
	if continued {
		request.ContinuationMessage = &message.Continuation{Text: &text}
	}
	if s.out.Request.OverrideOptOut() {
		override := true
		request.OverrideOptOut = &override
	}
	if !continued && request.ExcludeFrom == nil && request.OverrideOptOut == nil {
		return nil, nil
	}
	return request.MarshalJSON()
}

// amend makes a plan one of the same message: what its record said of the
// request stays, and where the message was to go is kept.
func (m *moving) amend(p *store.Plan) {
	p.Terms = m.Delivery.Terms
	if b := m.before; b != nil {
		p.Key, p.Fingerprint, p.Moves = b.Key, b.Fingerprint, b.Moves
		p.KeepUntil = later(p.KeepUntil, b.KeepUntil)
		p.Continuation = p.Continuation || b.Continuation
	}
	p.Moves = append(slices.Clone(p.Moves[max(0, len(p.Moves)-store.MaxMoves+1):]),
		store.Move{ChatID: m.Delivery.ChatID, Line: m.Delivery.From, At: m.At})
}

// attachments are those that were resolved when the message was first decided.
func (m *moving) attachments(d *routing.Decision) []message.Media {
	if m.before == nil || d.ContinuationUsed {
		return nil
	}
	return m.before.Attachments
}

// logReroute writes the line of the log about a message that goes another way.
func (r *Router) logReroute(ctx context.Context, c *store.Claimed, d *routing.Decision) {
	if r.opts.Logger == nil {
		return
	}
	how := "into the chat that these people have there"
	if d.OpensChat() {
		how = "into a new chat"
	}
	r.opts.Logger.InfoContext(ctx, "a message leaves "+c.Delivery.From.String()+" for "+d.Line.String()+", "+how,
		"tenant", c.Lease.Tenant, "message_id", c.Delivery.MessageID.String(),
		"chat_id", d.ChatID.String(), "previous_chat_id", cmp.Or(d.PreviousChatID, c.Delivery.ChatID).String())
}
