package sim

import (
	"context"
	"iter"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// task is one call of Route in a process, run as a coroutine: it stops wherever
// the Router calls something outside, and goes on when the world says so.
type task struct {
	world   *world
	process *process
	life    int // of the process
	send    *send
	began   time.Time

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	ctx     context.Context
	cancel  func()
	request *request // the call to the store it waits for, nil for none

	// What the Router was told, which its decision has to follow from.
	view     fleet.View
	snapshot store.Snapshot
	full     []recipients.Handle

	done     bool // the call returned
	decision routing.Decision
	err      error

	committed bool // the store took a plan of it
	nothing   bool // the answer said that nothing was written
}

// died is what a task panics with when its process dies.
type died struct{}

// start begins a call of Route; it runs to its first stop when it is resumed.
func (p *process) start(s *send) *task {
	t := &task{world: p.world, process: p, life: p.lives, send: s, began: p.world.now}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if r := recover(); r != nil && r != (died{}) {
				panic(r)
			}
		}()
		t.yield = yield
		t.decision, t.err = p.router.Route(t.ctx, routing.Send{Tenant: s.tenant.name, Request: s.request})
		t.done = true
	})
	p.tasks = append(p.tasks, t)
	s.running++
	p.world.stats.Calls++
	return t
}

// resume lets the task run to its next stop, or its end.
func (t *task) resume() {
	t.world.current = t
	if _, alive := t.next(); !alive && !t.done {
		panic("sim: a task ended without an answer")
	}
	t.world.current = nil
}

// pause stops the task until it is resumed. It does not return where the
// process died.
func (t *task) pause() {
	if !t.yield(struct{}{}) {
		panic(died{})
	}
}

// kill ends the task where it stands.
func (t *task) kill() {
	t.stop()
	t.cancel()
}
