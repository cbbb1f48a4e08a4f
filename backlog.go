package fromline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store"
)

// errBacklog is why a send is refused while the deliveries do not keep up.
var errBacklog = errors.New("too many messages wait to be handed over")

// backlog is how many messages wait to be handed over, as far as this process
// knows: what the store said last, and what was committed and handed over here
// since.
type backlog struct {
	waiting atomic.Int64
}

// countEvery is how often the store is asked.
const countEvery = time.Second

// crowded returns why no further message is taken on, nil if one is.
func (r *Router) crowded() error {
	most := int64(r.opts.MaxBacklog)
	if waiting := r.backlog.waiting.Load(); most > 0 && waiting >= most && r.running.Load() {
		return fmt.Errorf("fromline: %w: %d of %d", errBacklog, waiting, most)
	}
	return nil
}

// committed counts a message that was committed here.
func (b *backlog) committed() { b.waiting.Add(1) }

// settled counts how an attempt ended.
func (b *backlog) settled(result delivery.Result) {
	if result == delivery.Sent || result == delivery.Parked {
		b.waiting.Add(-1)
	}
}

// lookAtBacklog asks the store how many messages wait, until the context ends.
func (r *Router) lookAtBacklog(ctx context.Context, outbox store.Outbox) error {
	every := time.NewTicker(countEvery)
	defer every.Stop()
	full := false
	for {
		b, err := outbox.Backlog(ctx)
		if err == nil {
			r.backlog.waiting.Store(int64(b.Waiting))
		}
		if is := r.crowded() != nil; is != full && r.opts.Logger != nil {
			if full = is; full {
				r.opts.Logger.Error("sends are refused: the receiver does not keep up", slog.Int("waiting", b.Waiting), slog.Int("max_backlog", r.opts.MaxBacklog))
			} else {
				r.opts.Logger.Info("sends are taken again: the receiver has caught up", slog.Int("waiting", b.Waiting))
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}
