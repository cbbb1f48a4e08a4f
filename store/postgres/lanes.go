package postgres

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/fromline/fromline/store"
)

// lanes bound how many calls of one kind run at a time. A call that finds a
// free lane runs at once, by itself. Other calls wait, and the next free lane
// takes all waiting calls as one group: the busier the server, the more calls
// share a round trip, a transaction and a sync.
//
// A call that opens a chat on a line also waits, even if a lane is free, while
// a running call has locked the line. In the database it would wait for that
// commit, and the next call for its own: one sync for each chat of the line.
type lanes struct {
	run func(context.Context, []*queued) // runs a group and answers each of its calls

	mu    sync.Mutex
	free  int
	queue []*queued
	busy  map[lineLock]struct{} // lines that running calls have locked
}

// lineLock names a line that a commit locks.
type lineLock struct {
	tenant string
	line   int64
}

// queued is a call that waits for a lane or runs in a group.
type queued struct {
	statement
	answer chan error // has room for the one answer
	group  *groupOf   // nil while it waits; guarded by lanes.mu
}

// groupOf is a group that runs. It is cancelled when all its callers have left.
type groupOf struct {
	callers int // guarded by lanes.mu
	cancel  context.CancelFunc
}

// maxGroup is the largest group: few enough calls to hold their locks only
// briefly.
const maxGroup = 64

// do runs a statement in a lane, with alone or in a group.
func (l *lanes) do(ctx context.Context, s statement, alone func(context.Context, statement) error) error {
	q := &queued{statement: s, answer: make(chan error, 1)}
	l.mu.Lock()
	if l.free > 0 && !l.waits(q) {
		l.begin(q)
		l.mu.Unlock()
		defer l.end(q)
		return alone(ctx, s)
	}
	l.queue = append(l.queue, q)
	l.mu.Unlock()
	select {
	case err := <-q.answer:
		return err
	case <-ctx.Done():
		return l.abandon(ctx, q)
	}
}

// waits reports whether a running call has locked the line of a call.
func (l *lanes) waits(q *queued) bool {
	if q.locks.line == 0 {
		return false
	}
	_, busy := l.busy[lineLock{string(q.locks.tenant), q.locks.line}]
	return busy
}

// begin takes a lane, and locks the lines of the calls.
func (l *lanes) begin(calls ...*queued) {
	l.free--
	for _, q := range calls {
		if q.locks.line != 0 {
			if l.busy == nil {
				l.busy = make(map[lineLock]struct{})
			}
			l.busy[lineLock{string(q.locks.tenant), q.locks.line}] = struct{}{}
		}
	}
}

// end returns what begin took, and runs calls that waited for it.
func (l *lanes) end(calls ...*queued) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free++
	for _, q := range calls {
		if q.locks.line != 0 {
			delete(l.busy, lineLock{string(q.locks.tenant), q.locks.line})
		}
	}
	for l.free > 0 {
		group := l.take()
		if len(group) == 0 {
			return
		}
		l.start(group)
	}
}

// abandon gives up a call. If the call is running, its outcome is unknown.
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
	l.queue = slices.DeleteFunc(l.queue, func(other *queued) bool { return other == q })
	return fmt.Errorf("postgres: %w: %w", store.ErrNotWritten, ctx.Err())
}

// take takes a group out of the queue: the first calls that need not wait for a
// line.
func (l *lanes) take() (group []*queued) {
	var left []*queued
	for _, q := range l.queue {
		if len(group) < maxGroup && !l.waits(q) {
			group = append(group, q)
		} else {
			left = append(left, q)
		}
	}
	l.queue = left
	return group
}

// start runs a group in a lane.
func (l *lanes) start(group []*queued) {
	ctx, cancel := context.WithCancel(context.Background())
	of := &groupOf{len(group), cancel}
	for _, q := range group {
		q.group = of
	}
	l.begin(group...)
	go func() {
		defer l.end(group...)
		defer cancel()
		l.run(ctx, group)
	}()
}
