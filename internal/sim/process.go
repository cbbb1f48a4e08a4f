package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
)

// process is one host of the library: a Router over a fleet of its own, and a
// clock that need not be right.
type process struct {
	world  *world
	name   string
	skew   time.Duration
	fleet  *fleet.Fleet
	router *routing.Router
	tasks  []*task // in flight
	lives  int

	// opened are the chats that this life of the process knows it opened.
	opened []opening
}

// opening is one chat opened on a line, at the time of the process's clock.
type opening struct {
	line of[recipients.Handle]
	at   time.Time
}

// Now implements fleet.Clock; nothing waits on it.
func (p *process) Now() time.Time { return p.world.now.Add(p.skew) }

// After implements fleet.Clock.
func (p *process) After(time.Duration) <-chan time.Time { panic("sim: nothing waits") }

// NewID implements routing.IDs.
func (p *process) NewID() uuid.UUID {
	p.world.ids++
	n := p.world.ids
	return uuid.UUID{0: 'i', 6: 0x70, 8: 0x80, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

// boot starts a life of the process: it reads the file of lines and polls the
// store once.
func (p *process) boot() {
	p.lives++
	p.opened = nil
	var err error
	if p.fleet, err = fleet.New(fleet.Options{Clock: p, StaleAfter: forever, HoldFor: forever}); err != nil {
		panic(err)
	}
	for _, t := range p.world.tenants {
		if err := p.fleet.SetLines(t.name, t.lines); err != nil {
			panic(err)
		}
	}
	p.poll()
	var lines LineHealth = p.fleet
	if wrap := p.world.bug.Lines; wrap != nil {
		lines = wrap(lines)
	}
	p.router, err = routing.New(p.world.router(p), health{p, lines}, routing.Options{
		Clock: p.Now, IDs: p, Deliver: true, Retries: 8, SkipNamedGroups: p.world.skipNamed,
		Wait: func(ctx context.Context, _ int) error {
			p.world.current.pause()
			return ctx.Err()
		},
	})
	if err != nil {
		panic(err)
	}
	p.checkRestart()
}

const forever = 1000 * time.Hour

// crash ends the process with everything that it was doing, and starts it anew.
// A call on its way to the store may still arrive.
func (p *process) crash() {
	w := p.world
	w.log("%s dies with %d sends in flight", p.name, len(p.tasks))
	for _, t := range p.tasks {
		if req := t.request; req != nil && req.plan != nil && !req.executed && w.draw.once(2) {
			w.late = append(w.late, req)
		}
		t.kill()
		w.stats.Crashes++
		t.send.ended(t, nil)
	}
	p.tasks = nil
	p.boot()
}

// poll brings the fleet up to date with the store.
func (p *process) poll() {
	if p.world.bug.NoPoll {
		return
	}
	if err := p.fleet.Sync(context.Background(), p.world.engine); err != nil {
		panic(err)
	}
}

// finish takes the answer of a task that is done.
func (p *process) finish(t *task) {
	p.tasks = slices.DeleteFunc(p.tasks, func(o *task) bool { return o == t })
	t.cancel()
	p.world.answered(t)
	t.send.ended(t, t.err)
}

// String names the task in the log.
func (t *task) String() string { return fmt.Sprintf("%s %s", t.process.name, t.send) }

// LineHealth is what a process knows its lines by.
type LineHealth interface {
	routing.LineHealth
	routing.Reserver
	routing.LineReporter
}

// health is the fleet as the Router of a process sees it: every call may be the
// last thing that the process does.
type health struct {
	process *process
	inner   LineHealth
}

// Lines implements routing.LineHealth.
func (h health) Lines(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	t := h.process.world.current
	t.pause()
	view, err := h.inner.Lines(ctx, tenant, at)
	if err == nil {
		t.view = view
		h.process.checkUse(t, view)
	}
	return view, err
}

// Reserve implements routing.Reserver.
func (h health) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	h.process.world.current.pause()
	return h.inner.Reserve(tenant, at, q, line)
}

// Confirm implements routing.Reserver.
func (h health) Confirm(tenant string, at time.Time, line recipients.Handle) {
	h.process.world.current.pause()
	h.inner.Confirm(tenant, at, line)
}

// Release implements routing.Reserver.
func (h health) Release(tenant string, at time.Time, line recipients.Handle) {
	h.process.world.current.pause()
	h.inner.Release(tenant, at, line)
}

// Full implements routing.Reserver.
func (h health) Full(tenant string, line recipients.Handle, until time.Time) {
	h.inner.Full(tenant, line, until)
}

// ReportDelivery implements routing.LineReporter.
func (h health) ReportDelivery(ctx context.Context, tenant string, o fleet.Outcome) error {
	return h.inner.ReportDelivery(ctx, tenant, o)
}
