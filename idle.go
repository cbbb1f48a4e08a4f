package fromline

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// idleAfter is how long a message waits before it is told that nothing hands
// messages over.
const idleAfter = 5 * time.Second

// idle knows whether the messages of a Router with a Sender are handed over at
// all.
type idle struct {
	over  atomic.Bool // Run or Drain was called
	first sync.Once
}

// committed sees to it that a host which forgot Run learns of it: messages that
// wait for ever look like messages that were sent.
func (i *idle) committed(l *slog.Logger) {
	if l == nil || i.over.Load() {
		return
	}
	i.first.Do(func() {
		time.AfterFunc(idleAfter, func() {
			if !i.over.Load() {
				l.Warn("messages wait in the outbox and nothing hands them over: call Router.Run, or Drain; " +
					"where another process does it, set Options.Deliver instead of a Sender")
			}
		})
	})
}
