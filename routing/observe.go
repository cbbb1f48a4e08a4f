package routing

import (
	"context"
	"log/slog"
	"time"
)

// report tells the observer and the log how a send ended. The log identifies
// by chat and message id; it names no person, no key and no text.
func (r *Router) report(ctx context.Context, s Send, d *Decision, err error, took time.Duration) {
	if o := r.opts.Observer; o != nil {
		if err == nil {
			o.Decided(ctx, d.Reason, d.Replay, took)
		} else {
			o.Refused(ctx, err, took)
		}
	}
	l := r.opts.Logger
	if l == nil {
		return
	}
	if err != nil {
		if l.Enabled(ctx, slog.LevelWarn) {
			l.LogAttrs(ctx, slog.LevelWarn, "refused",
				slog.String("tenant", s.Tenant), slog.Int("code", int(CodeOf(err))), slog.Any("error", err))
		}
		return
	}
	if l.Enabled(ctx, slog.LevelInfo) {
		l.LogAttrs(ctx, slog.LevelInfo, "decided",
			slog.String("tenant", s.Tenant), slog.String("reason", d.Reason.String()), slog.Bool("replay", d.Replay),
			slog.String("chat_id", d.ChatID.String()), slog.String("message_id", d.MessageID.String()),
			slog.Any("line", d.Line))
	}
}
