package routing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Options are the settings of a Router. The zero value is sensible.
type Options struct {
	// Clock tells the time; nil means time.Now. Every time a Router writes
	// comes from it or from Send.At.
	Clock func() time.Time

	// IDs draws message and chat ids; nil means random UUIDs of version 7.
	// A message with an idempotency key has its id derived instead (§8).
	IDs IDs

	// KeepRecords is for how long decisions made under an idempotency key are
	// kept; 0 means 7 days (§8). KeepUnkeyed is the same for decisions made
	// without one, which are looked up only while the outcome of their commit
	// can be in doubt; 0 means one hour.
	KeepRecords time.Duration
	KeepUnkeyed time.Duration

	// SkipNamedGroups leaves groups with a set name out of the matching (§9).
	SkipNamedGroups bool

	// Wait waits before the nth retry, 1 or more, or returns the context's error
	// as soon as that ends; nil means a random part of 1 ms doubling up to
	// 100 ms.
	Wait func(ctx context.Context, n int) error

	// Deliver puts every decided message into the store's outbox. The store
	// must implement store.Outbox, and something must hand the deliveries over.
	Deliver bool

	// Retries is how often a send whose commit met a conflict is decided anew;
	// 0 means 50. Rounds that found a line full do not count: there are never
	// more of those than lines.
	Retries int

	Gate       Gate                  // nil: everybody may be written to
	Images     validate.ImageChecker // nil: image URLs are not checked (§6)
	Media      MediaResolver         // nil: attachments are described by their parts alone (§4)
	Capability Capability            // nil: iMessage where nobody says

	Observer Observer     // nil: nobody is told
	Logger   *slog.Logger // nil: nothing is logged
}

// Router routes sends: it looks up, decides and commits, so that one send is
// one decision and one message whatever is retried, raced or killed. It is
// safe for concurrent use and starts no goroutine.
type Router struct {
	chats    store.ChatStore
	lines    LineHealth
	reserver Reserver // nil when lines is none
	memory   fullMemory
	opts     Options
}

// New returns a Router over a store and a source of line health. It fails when
// one of them is missing, when an option is out of range, or when deliveries
// are wanted and the store has no outbox.
func New(chats store.ChatStore, lines LineHealth, o Options) (*Router, error) {
	switch {
	case chats == nil || lines == nil:
		return nil, errors.New("routing: a Router needs a store and a LineHealth")
	case o.KeepRecords < 0 || o.KeepUnkeyed < 0 || o.Retries < 0:
		return nil, errors.New("routing: a duration or count of the options is negative")
	}
	if _, offered := chats.(store.Outbox); o.Deliver && !offered {
		return nil, errors.New("routing: Options.Deliver needs a store with an outbox")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.IDs == nil {
		o.IDs = newRandomIDs()
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.KeepRecords == 0 {
		o.KeepRecords = 7 * 24 * time.Hour
	}
	if o.KeepUnkeyed == 0 {
		o.KeepUnkeyed = time.Hour
	}
	if o.Retries == 0 {
		o.Retries = 50
	}
	r := &Router{chats: chats, lines: lines, opts: o}
	r.reserver, _ = lines.(Reserver)
	return r, nil
}

// Send is one request to route one message.
type Send struct {
	Tenant  string // not empty
	Request validate.Checked

	// Label is the host's own word for what is sent, such as a campaign, for
	// fleets whose policy prefers lines of the same label ([fleet.ByLabel]).
	// It is no part of the request: a replay does not compare it.
	Label string

	// At is the time of the send; zero means now. It is given to replay
	// history, not by clients.
	At time.Time

	// Explain asks for Decision.Trace.
	Explain bool
}

// Route decides the send and makes the decision durable. When it returns nil
// the decision is committed; calling it again with the same idempotency key
// and request returns the same decision with Replay set.
//
// The error is a [*Refusal] when no line may be picked; a [*validate.Error]
// when the key was used for another request or an image cannot be used; a
// [*GateError] when a gate stops the send; or an [*UnavailableError] when the
// store or the line health cannot answer, or the context ended. Except for an
// UnavailableError that says otherwise, nothing was written. [CodeOf] maps
// every error to its wire code.
func (r *Router) Route(ctx context.Context, s Send) (Decision, error) {
	var d Decision
	var err error
	if r.opts.Observer == nil && r.opts.Logger == nil {
		err = r.route(ctx, s, &d)
	} else {
		started := time.Now()
		err = r.route(ctx, s, &d)
		r.report(ctx, s, &d, err, time.Since(started))
	}
	if err != nil {
		return Decision{}, err
	}
	return d, nil
}

func (r *Router) route(ctx context.Context, s Send, d *Decision) error {
	if err := store.CheckTenant(s.Tenant); err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	if !s.Request.IsValid() {
		return fmt.Errorf("%w: the send was not checked: use validate.Request", ErrInput)
	}
	now := r.opts.Clock()
	if s.At.IsZero() {
		s.At = now
	}
	w := work{
		Router:      r,
		send:        s,
		at:          store.Micros(s.At),
		keepFrom:    later(store.Micros(now), store.Micros(s.At)),
		fingerprint: s.Request.Fingerprint(),
	}
	w.messageID, w.newChatID = w.drawMessageID(), r.opts.IDs.NewID()
	return w.run(ctx, d)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
