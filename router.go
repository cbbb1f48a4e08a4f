package fromline

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/absent"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Router routes sends: it looks up, decides and commits, so that one send gets
// one decision and one message, even after retries, concurrent calls and killed
// processes. It is safe for concurrent use. Only [Router.Run] and
// [Router.Drain] start goroutines, and end them before they return.
type Router struct {
	chats      store.ChatStore
	fleet      fleetLines
	source     fleet.Feed           // nil: the store tells neither states nor use of lines
	states     store.LineStates     // nil: the store keeps no states of lines
	dispatcher *delivery.Dispatcher // nil without a Sender
	clocked    store.Clocked        // nil: clocks are not compared
	knows      store.KnownReader    // nil: the store cannot tell which lines people know
	skew       skew
	wrote      wrote
	running    atomic.Bool
	looked     atomic.Bool // at all that the store knew of lines when it was first asked
	backlog    backlog
	idle       idle
	opts       Options
}

// New returns a Router over a store and our lines. It uses a *fleet.Fleet as it
// is, and puts a Fleet with the settings of Options.Fleet before any other
// LineHealth. It fails if the store or the lines are missing, if an option is
// out of range, or if the store lacks what an option or the policy of the lines
// needs, such as an outbox for a Sender. It calls neither the store nor the
// lines.
func New(chats store.ChatStore, lines LineHealth, o Options) (*Router, error) {
	switch {
	case absent.Is(chats):
		return nil, errors.New("fromline: a Router needs a store, and was given nil: open one, such as store/sqlite")
	case absent.Is(lines):
		return nil, errors.New("fromline: a Router needs a LineHealth, and was given nil: implement one over your lines, or fill a fleet.Fleet")
	}
	o, err := o.withDefaults(chats)
	if err != nil {
		return nil, err
	}
	r := &Router{chats: chats, opts: o}
	if r.fleet, err = fleetOf(lines, &r.opts); err != nil {
		return nil, fmt.Errorf("fromline: options: %w", err)
	}
	if source, is := chats.(fleet.Feed); is {
		r.source = followed{source, r, new(atomic.Bool)}
	}
	r.states, _ = chats.(store.LineStates)
	r.knows, _ = chats.(store.KnownReader)
	if err := r.usesKnown(); err != nil {
		return nil, fmt.Errorf("fromline: options: %w", err)
	}
	if r.opts.MaxSkew > 0 {
		r.clocked, _ = chats.(store.Clocked)
	}
	if o.Sender != nil {
		if o.Webhooks != nil {
			r.opts.Sender = &telling{Router: r, messages: o.Sender, webhooks: o.Webhooks}
		}
		r.opts.Delivery.Settled = r.settled
		if r.opts.Webhooks != nil {
			r.opts.Delivery.Parking = r.parking
		}
		r.opts.Delivery.Reroute = r.Reroute
		if r.dispatcher, err = delivery.New(chats.(store.Outbox), r.opts.Sender, r.opts.Delivery); err != nil {
			return nil, fmt.Errorf("fromline: options: %w", err)
		}
	}
	if r.opts.Logger != nil || r.opts.Observer.LineChanged != nil {
		r.fleet.Watch(r.toldByTable)
	}
	return r, nil
}

// errNotMade is the error of every call of a zero Router.
var errNotMade = errors.New("fromline: the zero Router cannot be used: make one with New")

// Outgoing is one send for [Router.Route]: one message to one set of people. It
// is a plain value.
type Outgoing struct {
	Tenant  string           // whose lines and chats; not empty
	Request validate.Checked // of Router.Check or validate.Request

	// Label is your own word for what you send, such as the name of a campaign.
	// A fleet whose policy has fleet.ByLabel prefers lines with the same label.
	// The label is not part of the request: a repeated key with another label
	// is still a replay.
	Label string

	// From, if it is valid, names the line of the send. Chat, if it is not
	// zero, names the chat of that line: see [routing.Input]. Both are part of
	// the request: with the same key, another line or chat is another request.
	// [Router.Into] sets both for a chat.
	From recipients.Handle
	Chat uuid.UUID

	// At is the time of the send; zero means now. Set it to replay history, and
	// never from a client's input.
	At time.Time

	// Explain asks for Decision.Trace.
	Explain bool
}

// Check validates a request by Options.Rules. The error is a [*fault.Error]
// that lists every fault. Check does no I/O, and is safe for concurrent use.
func (r *Router) Check(request *message.Request) (validate.Checked, error) {
	return validate.Request(request, r.opts.Rules)
}

// Send checks the request and routes it: [Router.Check], then [Router.Route].
// The errors are those of both. It is safe for concurrent use.
func (r *Router) Send(ctx context.Context, tenant string, request *message.Request) (routing.Decision, error) {
	checked, err := r.Check(request)
	if err != nil {
		return routing.Decision{}, err
	}
	return r.Route(ctx, Outgoing{Tenant: tenant, Request: checked})
}

// Route decides the send and makes the decision durable. If it returns nil, the
// decision is committed, with the message in the outbox if Options.Deliver or a
// Sender is set. A second call with the same idempotency key and request
// returns the same decision with Replay set.
//
// The error is a [*routing.Refusal] if no line may be picked; a [*fault.Error]
// if the key was used for another request or an image cannot be used; a
// [*GateError] if a gate or a consent stops the send; or an [*UnavailableError]
// if the store, the line health or a hook cannot answer, or the context ended.
// Nothing was written, except possibly after an UnavailableError with Unknown
// set. [CodeOf] returns the wire code of every error. Route is safe for
// concurrent use.
func (r *Router) Route(ctx context.Context, out Outgoing) (routing.Decision, error) {
	if !r.opts.Observer.sends() && r.opts.Logger == nil {
		return r.route(ctx, out)
	}
	started := time.Now()
	d, err := r.route(ctx, out)
	r.report(ctx, out, &d, err, time.Since(started))
	return d, err
}

func (r *Router) route(ctx context.Context, out Outgoing) (routing.Decision, error) {
	s, err := r.begin(ctx, out)
	if err != nil {
		return routing.Decision{}, err
	}
	return s.run(ctx)
}

// begin returns a send that has made no step yet.
func (r *Router) begin(ctx context.Context, out Outgoing) (sending, error) {
	if r.fleet == nil {
		return sending{}, errNotMade
	}
	if err := checkTenant(out.Tenant, "Outgoing.Tenant (the second argument of Router.Send)"); err != nil {
		return sending{}, err
	}
	if !out.Request.IsValid() {
		return sending{}, &inputError{says: "Outgoing.Request was not checked: make it with Router.Check"}
	}
	now := r.opts.Clock()
	if err := r.checkClock(ctx, now); err != nil {
		return sending{}, err
	}
	maxSkew := time.Duration(0)
	if out.At.IsZero() {
		out.At, maxSkew = now, r.opts.MaxSkew
	}
	s := sending{
		Router:      r,
		out:         out,
		at:          store.Micros(out.At),
		keepFrom:    later(store.Micros(now), store.Micros(out.At)),
		maxSkew:     maxSkew,
		fingerprint: out.fingerprint(out.Request.Fingerprint()),
	}
	s.messageID = s.drawMessageID()
	return s, nil
}

// catchUp polls the store where what is known of our lines is too old to act
// on: Run does not poll, or its polls fail. So a Router never decides on what a
// restart forgot, nor on what was so before an outage.
func (r *Router) catchUp(ctx context.Context) error {
	if r.source == nil {
		return nil
	}
	if err := r.fleet.SyncIfOld(ctx, r.source); err != nil {
		return unavailable(err)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
