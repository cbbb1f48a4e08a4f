package simulate

import (
	"context"
	"time"
)

// due lets the message of an opening go out that waited for its slot. Where its
// line was flagged meanwhile, it is wanted on another one, as by a reroute.
func (w *world) due(ctx context.Context, h *happening) error {
	t := &w.talks[h.talk]
	if w.numbers[h.line].up {
		w.opened(h.talk, h.line, h.failover)
		return nil
	}
	w.run.TooLate++
	if t.waiting {
		return nil // it is wanted again already
	}
	if t.line != h.line { // a first contact that was not to stay
		w.attach(h.talk, h.line)
	}
	return w.want(ctx, h.talk)
}

// handOver empties the outbox of what is due: the network of a world sees
// chats, and not messages.
func (w *world) handOver(ctx context.Context) error {
	for w.guard.Defer > 0 {
		claimed, err := w.chats.Claim(ctx, time.Minute, 1000)
		if err != nil || len(claimed) == 0 {
			return err
		}
		for _, c := range claimed {
			if err := w.chats.Ack(ctx, c.Lease); err != nil {
				return err
			}
		}
	}
	return nil
}
