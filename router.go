package fromline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Router routes sends: it looks up, decides and commits, so that one send is
// one decision and one message whatever is retried, raced or killed. It is safe
// for concurrent use. It starts no goroutine but those of [Router.Run], which
// are gone when that returns.
type Router struct {
	chats    store.ChatStore
	lines    LineHealth
	reserver Reserver // nil when lines is none
	memory   fullMemory
	opts     Options
}

// New returns a Router over a store and a source of line health. It fails when
// one of them is missing, when an option is out of range, or when messages are
// to be delivered and the store has no outbox.
func New(chats store.ChatStore, lines LineHealth, o Options) (*Router, error) {
	if chats == nil || lines == nil {
		return nil, errors.New("fromline: a Router needs a store and a LineHealth")
	}
	o, err := o.withDefaults(chats)
	if err != nil {
		return nil, err
	}
	r := &Router{chats: chats, lines: lines, opts: o}
	r.reserver, _ = lines.(Reserver)
	return r, nil
}

// Outgoing is one send that is to be routed: one message to one set of people.
type Outgoing struct {
	Tenant  string           // whose lines and chats; not empty
	Request validate.Checked // of Router.Check or validate.Request

	// Label is the host's own word for what is sent, such as a campaign, for
	// fleets whose policy prefers lines of the same label (fleet.ByLabel). It is
	// no part of the request: a replay does not compare it.
	Label string

	// At is the time of the send; zero means now. It is given to replay
	// history, not by clients.
	At time.Time

	// Explain asks for Decision.Trace.
	Explain bool
}

// Check validates a request by Options.Rules. The error is a [*validate.Error]
// that lists every fault. It does no I/O.
func (r *Router) Check(request *message.Request) (validate.Checked, error) {
	return validate.Request(request, r.opts.Rules)
}

// Send checks the request and routes it: [Router.Check], then [Router.Route].
func (r *Router) Send(ctx context.Context, tenant string, request *message.Request) (routing.Decision, error) {
	checked, err := r.Check(request)
	if err != nil {
		return routing.Decision{}, err
	}
	return r.Route(ctx, Outgoing{Tenant: tenant, Request: checked})
}

// Route decides the send and makes the decision durable. When it returns nil
// the decision is committed, and the message is in the outbox if it is to be
// delivered; calling it again with the same idempotency key and request returns
// the same decision with Replay set.
//
// The error is a [*routing.Refusal] when no line may be picked; a
// [*validate.Error] when the key was used for another request or an image cannot
// be used; a [*GateError] when a gate stops the send; or an [*UnavailableError]
// when the store or the line health cannot answer, or the context ended. Except
// for an UnavailableError that says otherwise, nothing was written. [CodeOf]
// maps every error to its wire code.
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
	if err := store.CheckTenant(out.Tenant); err != nil {
		return routing.Decision{}, fmt.Errorf("%w: %w", routing.ErrInput, err)
	}
	if !out.Request.IsValid() {
		return routing.Decision{}, fmt.Errorf("%w: the send was not checked: use Router.Check", routing.ErrInput)
	}
	now := r.opts.Clock()
	if out.At.IsZero() {
		out.At = now
	}
	s := sending{
		Router:      r,
		out:         out,
		at:          store.Micros(out.At),
		keepFrom:    later(store.Micros(now), store.Micros(out.At)),
		fingerprint: out.Request.Fingerprint(),
	}
	s.messageID, s.newChatID = s.drawMessageID(), r.opts.NewID()
	return s.run(ctx)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
