package postgres

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// running records the calls in lanes, and errors.
type running struct {
	mu    sync.Mutex
	lanes int
	most  int
	lines map[lineLock]int // how many lanes have locked each
	ran   map[string]int   // how often each statement ran
	bad   string
}

// run runs calls that share a lane.
func (r *running) run(calls ...statement) {
	lines := make(map[lineLock]struct{})
	r.mu.Lock()
	for _, s := range calls {
		r.ran[s.sql]++
		if s.locks.line != 0 {
			lines[lineLock{string(s.locks.tenant), s.locks.line}] = struct{}{}
		}
	}
	if r.lanes++; r.lanes > r.most {
		r.bad = "more lanes than there are"
	}
	for l := range lines {
		if r.lines[l]++; r.lines[l] > 1 {
			r.bad = "two lanes lock a line"
		}
	}
	r.mu.Unlock()
	for range 3 { // others run meanwhile
		runtime.Gosched()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lanes--
	for l := range lines {
		r.lines[l]--
	}
}

// A group is the first calls that need not wait for a line, and no more than
// share a transaction. The others keep their order.
func TestAGroupIsWhatNeedNotWait(t *testing.T) {
	l := &lanes{free: 2}
	l.begin(&queued{statement: statement{locks: locks{line: 7}}})
	var free, busy []*queued
	for i := range maxGroup + 2 {
		free = append(free, &queued{statement: statement{locks: locks{line: int64(i % 2)}}})
		busy = append(busy, &queued{statement: statement{locks: locks{line: 7}}})
		l.queue = append(l.queue, busy[i], free[i])
	}
	require.Equal(t, free[:maxGroup], l.take())
	rest := append(busy[:maxGroup:maxGroup], busy[maxGroup], free[maxGroup], busy[maxGroup+1], free[maxGroup+1])
	require.Equal(t, rest, l.queue)
	require.Equal(t, free[maxGroup:], l.take())
	require.Empty(t, l.take())
}

// A lane that becomes free takes one group, and the other calls wait.
func TestAFreeLaneTakesOneGroup(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	l := &lanes{run: func(context.Context, []*queued) { <-hold }}
	for range maxGroup + 1 {
		l.queue = append(l.queue, &queued{})
	}
	l.end()
	require.Len(t, l.queue, 1)
}

// A group goes on for the callers that stay, and is cancelled when the last one
// has left.
func TestAGroupIsCancelledByItsLastCaller(t *testing.T) {
	running, cancelled := make(chan context.Context), make(chan struct{})
	l := &lanes{free: 1, run: func(ctx context.Context, _ []*queued) {
		running <- ctx
		<-ctx.Done()
		close(cancelled)
	}}
	occupied, release := make(chan struct{}), make(chan struct{})
	first := func(context.Context, statement) error { close(occupied); <-release; return nil }
	var all sync.WaitGroup
	all.Go(func() { assert.NoError(t, l.do(context.Background(), statement{}, first)) })
	<-occupied
	var leave []context.CancelFunc
	left := make(chan error)
	for i := range 2 {
		ctx, cancel := context.WithCancel(context.Background())
		leave = append(leave, cancel)
		go func() { left <- l.do(ctx, statement{}, nil) }()
		for l.waiting() <= i {
			runtime.Gosched()
		}
	}
	close(release)
	all.Wait()
	group := <-running
	leave[0]()
	require.ErrorIs(t, <-left, context.Canceled)
	require.NoError(t, group.Err())
	leave[1]()
	require.ErrorIs(t, <-left, context.Canceled)
	select {
	case <-cancelled:
	case <-time.After(10 * time.Second):
		t.Fatal("a group without callers goes on")
	}
}

// waiting returns how many calls wait for a lane.
func (l *lanes) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}

// No two running lanes lock the same line, and no more lanes run than there
// are. Each call runs once, unless it was given up before. In the end all lanes
// and lines are free.
func TestLanesShareNoLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.IntRange(1, 5).Draw(t, "lanes")
		calls := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 200).Draw(t, "lines")
		leave := rapid.IntRange(0, len(calls)).Draw(t, "leaving")
		r := &running{most: free, lines: make(map[lineLock]int), ran: make(map[string]int)}
		l := &lanes{free: free, run: func(_ context.Context, group []*queued) {
			var all []statement
			for _, q := range group {
				all = append(all, q.statement)
			}
			r.run(all...)
			for _, q := range group {
				q.answer <- nil
			}
		}}
		gone, leaveAll := context.WithCancel(context.Background())
		errs := make([]error, len(calls))
		var all sync.WaitGroup
		for i, line := range calls {
			ctx := context.Background()
			if i < leave {
				ctx = gone
			}
			s := statement{sql: string(rune('a' + i)), locks: locks{tenant: []byte{byte(i % 2)}, line: int64(line)}}
			all.Go(func() {
				errs[i] = l.do(ctx, s, func(context.Context, statement) error { r.run(s); return nil })
			})
		}
		leaveAll()
		all.Wait()
		for l.left(free) { // a lane is free shortly after its calls have their answers
			runtime.Gosched()
		}
		require.Empty(t, r.bad)
		for i := range calls {
			if n := r.ran[string(rune('a'+i))]; errs[i] == nil {
				require.Equal(t, 1, n, "call %d", i)
			} else {
				require.LessOrEqual(t, n, 1, "call %d", i)
				require.Less(t, i, leave, "call %d was not given up: %v", i, errs[i])
			}
		}
		require.Empty(t, l.queue)
		require.Empty(t, l.busy)
	})
}

// left reports whether a lane is still in use.
func (l *lanes) left(all int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.free < all
}
