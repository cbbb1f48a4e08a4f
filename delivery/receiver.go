package delivery

import (
	"log/slog"
	"sync"
	"time"
)

// receiver is what a Dispatcher knows of where its messages go.
type receiver struct {
	mu    sync.Mutex
	takes bool      // not since it was told that it does not
	told  time.Time // when that was told last; zero: never
}

// hear learns from the end of an attempt whether the receiver takes messages,
// and logs it when that changed: not for each message, and that it takes none
// at most once in the longest wait. It says whether the line of the attempt is
// told by it.
func (d *Dispatcher) hear(s Settlement) (told bool) {
	failure := failureOf(s.Err)
	refuses := failure.Receiver && !failure.Permanent
	if !refuses && s.Result != Sent {
		return false
	}
	r := &d.receiver
	r.mu.Lock()
	defer r.mu.Unlock()
	before, now := r.takes || r.told.IsZero(), time.Now()
	if !refuses {
		if r.takes = true; !before && d.opts.Logger != nil {
			d.opts.Logger.Info("the receiver takes messages again")
		}
		return false
	}
	if before && (r.told.IsZero() || now.Sub(r.told) >= d.opts.MaxBackoff) {
		r.told, r.takes = now, false
		if d.opts.Logger != nil {
			d.opts.Logger.Error("the receiver takes no messages; all wait until it does", slog.String("error", s.Err.Error()))
		}
	}
	return true
}
