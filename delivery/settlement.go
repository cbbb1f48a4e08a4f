package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/fromline/fromline/store"
)

// Settlement is the result of one attempt to hand a message over.
type Settlement struct {
	Delivery Delivery
	Result   Result

	// Err is why the attempt failed; nil if Result is Sent. It wraps the error
	// of the Sender, so errors.As finds a [*Failure] in it.
	Err error

	Took time.Duration // from the claim to the end of the Sender's call
	Wait time.Duration // until the next attempt; only for Retrying

	// Why is the reason to park it; zero unless Result is Parked.
	Why store.ParkReason
}

// Result says how an attempt ended.
type Result uint8

// The results.
const (
	// Sent: the Sender has taken the message, and the dispatcher removed it
	// from the outbox.
	Sent Result = 1 + iota
	// Retrying: the attempt failed, and the next one follows after a wait.
	Retrying
	// Parked: the message was refused for good, its attempts are used up, or it
	// waited too long for another line. It stays in the outbox until an
	// operator releases, reroutes or drops it.
	Parked
	// Returned: the dispatcher was stopped and gave the message back. The
	// attempt counts if the Sender was called (see Options.Attempts).
	Returned
	// Lost: the dispatcher could not reach the outbox after the attempt, or the
	// lease was lost. The message is sent again after its lease has run out,
	// perhaps by another dispatcher.
	Lost
	// Rerouted: the message goes out from another line or in another chat,
	// under the same id.
	Rerouted
)

// String returns a word for logs and metrics: sent, retrying, parked, returned,
// lost or rerouted.
func (r Result) String() string {
	switch r {
	case Sent:
		return "sent"
	case Retrying:
		return "retrying"
	case Parked:
		return "parked"
	case Returned:
		return "returned"
	case Lost:
		return "lost"
	case Rerouted:
		return "rerouted"
	}
	return fmt.Sprintf("result(%d)", uint8(r))
}

// settled tells the host how an attempt ended.
func (d *Dispatcher) settled(s Settlement) {
	if d.opts.Settled != nil {
		d.opts.Settled(s)
	}
	told := d.hear(s)
	if d.opts.Logger == nil {
		return
	}
	level := slog.LevelWarn
	switch {
	case s.Result == Sent, s.Result == Returned, told && s.Result == Retrying:
		level = slog.LevelDebug
	case s.Result == Parked:
		level = slog.LevelError
	case s.Result == Rerouted:
		level = slog.LevelDebug // the Rerouter tells where it goes
	}
	ctx := context.Background()
	if !d.opts.Logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("result", s.Result.String()),
		slog.String("tenant", s.Delivery.Tenant),
		slog.String("chat_id", s.Delivery.ChatID.String()),
		slog.String("message_id", s.Delivery.MessageID.String()),
		slog.Int("attempt", s.Delivery.Attempt),
		slog.Float64("took_ms", milliseconds(s.Took)),
	}
	if s.Why != 0 {
		attrs = append(attrs, slog.String("why", s.Why.String()))
	}
	if s.Err != nil {
		attrs = append(attrs, slog.String("error", s.Err.Error()))
	}
	if s.Wait > 0 {
		attrs = append(attrs, slog.Float64("wait_ms", milliseconds(s.Wait)))
	}
	d.opts.Logger.LogAttrs(ctx, level, s.words(), attrs...)
}

// words are what the log says of a settlement: "delivery", and why where a
// message is parked.
func (s *Settlement) words() string {
	if s.Result != Parked {
		return "delivery"
	}
	from := s.Delivery.From.String()
	switch s.Why {
	case store.ParkedLineFlagged:
		return "a message is parked: " + from + " cannot continue, and the message is not rerouted"
	case store.ParkedNoLine:
		return "a message is parked: " + from + " cannot continue, and no other line could take the message in time"
	case store.ParkedRefused:
		return "a message is parked: the receiver refused it for good"
	}
	return "a message is parked: its attempts are used up"
}

// milliseconds is a duration as logs show it: with its unit in the name.
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
