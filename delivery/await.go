package delivery

import (
	"sync"
	"time"
)

// maxAwaiting bounds the messages of one Run that wait for another line under
// their lease: each is a goroutine, and renews it. The others are given back to
// the outbox until their wait is over.
const maxAwaiting = 256

// LinesChanged makes Run decide messages again at once that wait for another
// line. Call it after your lines have changed. It reaches up to 256 messages of
// this process. Further messages, and those of other processes, are decided
// again within a minute. It never blocks.
func (d *Dispatcher) LinesChanged() { d.lines.tell() }

// changes tells goroutines that wait of a change. The zero value is ready.
type changes struct {
	mu   sync.Mutex
	next chan struct{}
}

// wait returns what the next change closes.
func (c *changes) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil {
		c.next = make(chan struct{})
	}
	return c.next
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil {
		close(c.next)
		c.next = nil
	}
}

// awaiting are the messages of a run that wait for another line, which take no
// part in its concurrency.
type awaiting struct {
	room    chan struct{} // one for each that waits
	waiting sync.WaitGroup
}

// await gives a delivery back until its wait is over. If there is room, that
// begins under the lease, and a change of the lines ends it.
func (l *lease) await(tried int, wait time.Duration, changed <-chan struct{}) error {
	if l.drain {
		return l.nack(tried, wait)
	}
	select {
	case l.room <- struct{}{}:
	default:
		return l.nack(tried, wait)
	}
	l.then = func() {
		over := time.NewTimer(wait)
		defer over.Stop()
		select {
		case <-l.ctx.Done():
		case <-over.C:
		case <-changed:
		case <-l.ending.Done():
		}
		<-l.room // before it is given back: the outbox may hand it out again at once
		if l.ctx.Err() != nil {
			return
		}
		if err := l.nack(tried, 0); err != nil {
			l.complain(err, 1) // it comes again when its lease has run out
		}
		l.Wake()
	}
	return nil
}
