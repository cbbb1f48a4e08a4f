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

// task is a call of Route or Reroute in a process. It runs as a coroutine: it
// pauses when the Router calls something outside, and continues when the world
// resumes it.
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
	request *request // the call to the store that it waits for, nil if there is none

	told    told
	refused int  // picks refused in a row since it last waited
	tried   bool // it tried a commit, so that its outcome may be unknown

	done     bool // the call has returned
	decision routing.Decision
	err      error

	looked    int  // the step of its last look-up
	committed bool // the store has committed a plan of it
	nothing   bool // the answer said that nothing was written
}

// died is the panic of a task whose process dies.
type died struct{}

// start starts a call of Route. It runs to its first pause when it is resumed.
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

// task returns a new call about a send.
func (p *process) task(s *send) *task {
	t := &task{world: p.world, process: p, life: p.lives, send: s, began: p.world.now, at: store.Micros(p.Now())}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// run starts a call.
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

// resume runs the task to its next pause, or its end.
func (t *task) resume() {
	t.world.current = t
	if _, alive := t.next(); !alive && !t.done {
		panic("sim: a task ended without an answer")
	}
	t.world.current = nil
}

// pause pauses the task until it is resumed. It panics with died if the process
// has died.
func (t *task) pause() {
	if !t.yield(struct{}{}) {
		panic(died{})
	}
}

// wait is the wait of a Router before a retry. It checks that the Router makes
// no more than retries of them.
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

// outrun checks that a send waits if other picks always come before: otherwise
// it would try for ever, or burn a processor.
func (t *task) outrun(line recipients.Handle) {
	t.world.stats.PicksRefused++
	if t.refused++; t.refused > patience {
		broken(13, "%s picks %s for the %dth time and does not wait", t, line, t.refused)
	}
}

// retries is the Retries option of every Router.
const retries = 8

// patience is the number of refused picks after which a send must wait, as
// fromline.Reserver says.
const patience = 32

// kill ends the task at its pause.
func (t *task) kill() {
	t.stop()
	t.cancel()
}
