package etcd

import (
	"cmp"
	"context"
	"fmt"
	"sync"
)

// lanes run changes of the same thing one after the other in this process, and
// several of them in one transaction. Otherwise each would make the others try
// again.
type lanes struct {
	s       *Store
	mu      sync.Mutex
	waiting map[string][]*job // by the name of the lane; has every lane that runs
}

// job is one change that waits for its turn.
type job struct {
	ctx  context.Context
	do   func(*tx) error
	err  error
	over bool // it did not fit, and runs with the next ones
	done chan struct{}
}

// do runs a change, perhaps together with others of its lane. If the caller
// leaves, the outcome is unknown.
func (l *lanes) do(ctx context.Context, name string, do func(*tx) error) error {
	j := &job{ctx: ctx, do: do, done: make(chan struct{})}
	l.mu.Lock()
	waiting, runs := l.waiting[name]
	l.waiting[name] = append(waiting, j)
	l.mu.Unlock()
	if !runs {
		go l.run(name)
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return fmt.Errorf("etcd: the outcome is unknown: %w", ctx.Err())
	}
}

// run runs the jobs of a lane until none waits.
func (l *lanes) run(name string) {
	for {
		l.mu.Lock()
		jobs := l.waiting[name]
		if len(jobs) == 0 {
			delete(l.waiting, name)
			l.mu.Unlock()
			return
		}
		n := min(len(jobs), l.s.group)
		l.waiting[name] = jobs[n:]
		l.mu.Unlock()
		if over := l.s.together(jobs[:n]); len(over) > 0 {
			l.mu.Lock()
			l.waiting[name] = append(over, l.waiting[name]...)
			l.mu.Unlock()
		}
	}
}

// together runs jobs in one transaction, and returns those that did not fit.
func (s *Store) together(jobs []*job) (over []*job) {
	ctx, cancel := context.WithTimeout(context.Background(), s.o.Timeout)
	defer cancel()
	if len(jobs) == 1 {
		ctx, cancel = context.WithTimeout(jobs[0].ctx, s.o.Timeout)
		defer cancel()
	}
	err := s.change(ctx, true, func(t *tx) error {
		for i, j := range jobs {
			j.over, j.err = false, nil
			if j.ctx.Err() != nil {
				continue // its caller was told that the outcome is unknown
			}
			part := t.sub()
			if j.err = cmp.Or(j.do(part), part.damaged); j.err != nil {
				continue
			}
			ops, bytes := part.size()
			allOps, allBytes := t.size()
			if i > 0 && (ops+allOps > s.o.MaxTxnOps || bytes+allBytes > s.o.MaxRequestBytes || len(t.reads) > s.o.MaxTxnOps) {
				j.over = true
				continue
			}
			part.merge()
		}
		return nil
	})
	for _, j := range jobs {
		if j.over && err == nil {
			over = append(over, j)
			continue
		}
		if err != nil {
			j.err = err
		}
		close(j.done)
	}
	return over
}
