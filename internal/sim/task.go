package sim

import (
	"context"
	"iter"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// task is one call of Route or Reroute in a process, run as a coroutine: it stops
// wherever the Router calls something outside, and goes on when the world says so.
type task struct {
	world   *world
	process *process
	life    int // of the process
	send    *send
	move    *move // of a call of Reroute
	began   time.Time
	at      time.Time // of the send, by the clock of the process

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	ctx     context.Context
	cancel  func()
	request *request // the call to the store it waits for, nil for none

	told    told
	refused int  // picks in a row, since it last waited
	tried   bool // a commit, so that its outcome may be unknown

	done     bool // the call returned
	decision routing.Decision
	err      error

	looked    int  // the step of the world at which it last looked up
	committed bool // the store took a plan of it
	nothing   bool // the answer said that nothing was written
}

// died is what a task panics with when its process dies.
type died struct{}

// start begins a call of Route; it runs to its first stop when it is resumed.
func (p *process) start(s *send) *task {
	t := p.task(s)
	p.run(t, func() {
		t.decision, t.err = p.router.Route(t.ctx, fromline.Outgoing{Tenant: s.tenant.name, Request: s.request})
	})
	s.running++
	p.world.stats.Calls++
	p.world.stats.OfTables += countOf(p.table)
	return t
}

// task is a call about a send.
func (p *process) task(s *send) *task {
	t := &task{world: p.world, process: p, life: p.lives, send: s, began: p.world.now, at: store.Micros(p.Now())}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// run begins a call.
func (p *process) run(t *task, call func()) {
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if r := recover(); r != nil && r != (died{}) {
				panic(r)
			}
		}()
		t.yield = yield
		call()
		t.done = true
	})
	p.tasks = append(p.tasks, t)
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

// wait is the wait of a Router before it tries again, which it does so often and
// no oftener.
func (w *world) wait(ctx context.Context, n int) error {
	t := w.current
	if n > retries {
		broken(13, "%s is tried again for the %dth time", t, n)
	}
	w.stats.Outrun += countOf(t.refused == patience)
	t.refused = 0
	t.pause()
	return ctx.Err()
}

// outrun checks that a send waits that others are always faster than: it goes on
// for ever, or burns a processor, where it never does.
func (t *task) outrun(line recipients.Handle) {
	t.world.stats.PicksRefused++
	if t.refused++; t.refused > patience {
		broken(13, "%s picks %s for the %dth time and does not wait", t, line, t.refused)
	}
}

// retries are those of every Router.
const retries = 8

// patience is how many picks of a send are refused until it waits, as
// fromline.Reserver says.
const patience = 32

// kill ends the task where it stands.
func (t *task) kill() {
	t.stop()
	t.cancel()
}
