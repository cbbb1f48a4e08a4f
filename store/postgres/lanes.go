package postgres

import (
	"context"
	"fmt"
	"sync"

	"github.com/fromline/fromline/store"
)

// lanes let a bounded number of calls of one kind run at a time. A call that
// finds a lane free runs at once, by itself. Those that find none wait, and a
// lane that comes free takes all that wait, as one group: the busier the server,
// the more calls share a round trip, a transaction and a sync.
type lanes struct {
	run func(context.Context, []*queued) // a group; it answers each of its calls

	mu    sync.Mutex
	free  int
	queue []*queued
}

// queued is a call that waits for a lane or runs in a group.
type queued struct {
	statement
	answer chan error // of one, which is sent once
	group  *groupOf   // nil while it waits; guarded by lanes.mu
}

// groupOf is a group that runs. It is given up when all its callers have left.
type groupOf struct {
	callers int // guarded by lanes.mu
	cancel  context.CancelFunc
}

// maxGroup bounds a group: few enough not to hold their locks for long.
const maxGroup = 64

// do runs a statement in a lane: by alone, or in a group.
func (l *lanes) do(ctx context.Context, s statement, alone func(context.Context, statement) error) error {
	l.mu.Lock()
	if l.free > 0 {
		l.free--
		l.mu.Unlock()
		defer l.next()
		return alone(ctx, s)
	}
	q := &queued{statement: s, answer: make(chan error, 1)}
	l.queue = append(l.queue, q)
	l.mu.Unlock()
	select {
	case err := <-q.answer:
		return err
	case <-ctx.Done():
		return l.abandon(ctx, q)
	}
}

// abandon gives a call up. Where it runs already, its outcome is unknown.
func (l *lanes) abandon(ctx context.Context, q *queued) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case err := <-q.answer:
		return err
	default:
	}
	if q.group != nil {
		if q.group.callers--; q.group.callers == 0 {
			q.group.cancel()
		}
		return fmt.Errorf("postgres: %w", ctx.Err())
	}
	for i, other := range l.queue {
		if other == q {
			l.queue = append(l.queue[:i], l.queue[i+1:]...)
			break
		}
	}
	return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, ctx.Err())
}

// next hands a lane to those that wait, or frees it.
func (l *lanes) next() {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.queue), maxGroup)
	if n == 0 {
		l.free++
		return
	}
	group := make([]*queued, n)
	copy(group, l.queue)
	clear(l.queue[:n])
	if l.queue = l.queue[n:]; len(l.queue) == 0 {
		l.queue = nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	of := &groupOf{n, cancel}
	for _, q := range group {
		q.group = of
	}
	go func() {
		defer l.next()
		defer cancel()
		l.run(ctx, group)
	}()
}
