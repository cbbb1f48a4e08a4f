package fromline

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// An Observer holds functions that a Router calls, for metrics and traces. A
// nil function is not called. The Router calls the others during a send or a
// delivery, from several goroutines at once: they must be safe for concurrent
// use and return soon. The tenant is that of the send, as the caller gave it,
// and may be unknown. The context is that of the call, so a span can be a child
// of the caller's span; the context may have ended. Only the trace of a
// [*routing.Refusal] names a person.
type Observer struct {
	// Decided is called for every send that was answered with a decision. took
	// is how long Route took.
	Decided func(ctx context.Context, tenant string, d *routing.Decision, took time.Duration)

	// Refused is called for every send that passed Check and was answered with
	// an error: [CodeOf] returns its wire code, and a [*routing.Refusal] counts
	// lines by cause.
	Refused func(ctx context.Context, tenant string, err error, took time.Duration)

	// Conflicted is called for every commit that ended in a conflict.
	Conflicted func(ctx context.Context, tenant string, kind store.ConflictKind)

	// LineChanged is called for every change of a line's state that this
	// process learns, with the line before and after it. Processes that share a
	// store learn each other's changes, so each of these processes calls
	// LineChanged once for a change. A change that the host's own table (a
	// LineHealth) tells is one of status, reputation or eligibility; a line
	// that is in the table for the first time, or no longer, is none. It is
	// told during the send or other call that asked for the lines.
	LineChanged func(ctx context.Context, tenant string, before, after line.Line)

	// Delivered is called for every attempt to hand a message over. The tenant is
	// Delivery.Tenant.
	Delivered func(delivery.Settlement)
}

// sends says whether the observer wants to know how sends end.
func (o *Observer) sends() bool { return o.Decided != nil || o.Refused != nil }

func (o *Observer) conflicted(ctx context.Context, tenant string, kind store.ConflictKind) {
	if o.Conflicted != nil {
		o.Conflicted(ctx, tenant, kind)
	}
}

// report tells the observer and the log how a send ended. The log identifies by
// chat and message id; it names no person, no key and no text.
func (r *Router) report(ctx context.Context, out Outgoing, d *routing.Decision, err error, took time.Duration) {
	switch o := &r.opts.Observer; {
	case err == nil && o.Decided != nil:
		o.Decided(ctx, out.Tenant, d, took)
	case err != nil && o.Refused != nil:
		o.Refused(ctx, out.Tenant, err, took)
	}
	l := r.opts.Logger
	switch {
	case l == nil:
	case err != nil && l.Enabled(ctx, slog.LevelWarn):
		words := "send refused"
		if refusal, is := errors.AsType[*routing.Refusal](err); is && refusal.Rule == "" {
			words = "send refused, no line can take it: " + refusal.Why()
		}
		l.LogAttrs(ctx, slog.LevelWarn, words,
			slog.String("tenant", out.Tenant), slog.Int("code", int(CodeOf(err))), slog.String("error", err.Error()))
	case err == nil && l.Enabled(ctx, slog.LevelDebug): // a server has a line of its own for each request
		l.LogAttrs(ctx, slog.LevelDebug, "decided",
			slog.String("tenant", out.Tenant), slog.String("reason", d.Reason.String()), slog.Bool("replay", d.Replay),
			slog.String("chat_id", d.ChatID.String()), slog.String("message_id", d.MessageID.String()),
			slog.String("line", d.Line.String()), deferred(d))
	}
}

// deferred is when the message goes out; of one that goes out at once a log has
// nothing.
func deferred(d *routing.Decision) slog.Attr {
	if d.DeliverAt.IsZero() {
		return slog.Attr{}
	}
	return slog.Time("deliver_at", d.DeliverAt)
}
