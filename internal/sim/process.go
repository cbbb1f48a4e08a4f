package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// process is a host of the library: a Router over a fleet or a table of its
// own, with a clock that may be wrong.
type process struct {
	world  *world
	name   string
	skew   time.Duration
	asks   bool                 // it asks the store for its time; otherwise only the store compares
	table  bool                 // its lines are in a table of its own
	spoilt map[string]spoiltRow // by tenant
	lines  *fleet.Fleet
	router *fromline.Router
	tasks  []*task                 // in flight
	untold []of[recipients.Handle] // lines found flagged that could not be reported
	lives  int

	refuses int // how many picks in a row are refused, because others come before

	// opened are the chats that this life of the process knows that it opened.
	opened []opening
}

// opening is a chat opened on a line, at the time of the process's clock.
type opening struct {
	line of[recipients.Handle]
	at   time.Time
}

// Now returns the time of the process.
func (p *process) Now() time.Time { return p.world.now.Add(p.skew) }

// NewID returns a new id for the Router.
func (p *process) NewID() uuid.UUID {
	p.world.ids++
	n := p.world.ids
	return uuid.UUID{0: 'i', 6: 0x70, 8: 0x80, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

// boot starts a life of the process: it reads the file of lines and polls the
// store once.
func (p *process) boot() {
	p.lives++
	p.opened, p.untold = nil, nil
	p.lines = p.newFleet()
	p.poll()
	var err error
	o := fromline.Options{
		Clock: p.Now, NewID: p.NewID, Deliver: true, Reroute: true, Retries: retries, SkipNamedGroups: p.world.skipNamed, Wait: p.world.wait,
		DeferUpTo: p.world.deferUpTo,
	}
	if p.world.compared {
		o.MaxSkew = maxSkew
	}
	if p.world.knowing {
		o.Aliases = p.world
	}
	p.router, err = fromline.New(p.world.router(p), p.health(), o)
	if err != nil {
		panic(err)
	}
	p.checkLines("starts")
}

const forever = 1000 * time.Hour

func (p *process) newFleet() *fleet.Fleet {
	o := fleet.Options{Clock: p.Now, StaleAfter: forever, ActWithin: forever, HoldFor: forever, Guard: p.world.guard}
	if p.table {
		o.Source = table{p}
	}
	if p.world.knowing {
		o.Policy = knowing()
	}
	f, err := fleet.New(o)
	if err != nil {
		panic(err)
	}
	for _, t := range p.world.tenants {
		if !p.table {
			err = f.SetLines(t.name, t.lines)
		} else {
			_, err = f.View(context.Background(), t.name, p.Now()) // repeated while it fails
		}
		if err != nil {
			panic(err)
		}
	}
	return f
}

// health returns the LineHealth of the process's Router.
func (p *process) health() fromline.LineHealth {
	var inner LineHealth = p.lines
	if p.world.bug.Fleet != nil {
		inner = p.world.bug.Fleet(inner)
	}
	return health{p.lines, p, inner}
}

// crash ends the process with all its calls, and starts it again. A call on its
// way to the store may still arrive.
func (p *process) crash() {
	w := p.world
	w.log("%s dies with %d sends in flight", p.name, len(p.tasks))
	for _, t := range p.tasks {
		if req := t.request; req != nil && req.plan != nil && !req.executed && w.draw.once(2) {
			w.late = append(w.late, req)
		}
		t.kill()
		w.stats.Crashes++
		if t.move == nil {
			t.send.ended(t, nil)
		}
	}
	p.tasks = nil
	for _, d := range w.dispatchers {
		if d.process == p {
			d.die()
		}
	}
	p.boot()
}

// poll updates the lines from the store.
func (p *process) poll() {
	if p.world.bug.NoPoll {
		return
	}
	if err := p.lines.Sync(context.Background(), p.world.engine); err != nil {
		panic(err)
	}
}

// hear passes an event about a line to the process.
func (p *process) hear(e fleet.Event) error {
	if p.world.bug.ForgetsFlags {
		state, err := p.lines.StateOf(context.Background(), e)
		if err != nil {
			return err
		}
		if _, err := p.world.engine.ReportLine(context.Background(), state); err != nil {
			return err
		}
	}
	_, err := p.router.ReportLine(context.Background(), e)
	return err
}

// finish handles the answer of a task that is done.
func (p *process) finish(t *task) {
	p.tasks = slices.DeleteFunc(p.tasks, func(o *task) bool { return o == t })
	t.cancel()
	if t.move != nil {
		t.move.dispatcher.answered(t)
		return
	}
	p.world.answered(t)
	t.send.ended(t, t.err)
}

// String names the task in the log.
func (t *task) String() string {
	if t.move != nil {
		return fmt.Sprintf("%s, reroute of %s", t.process.name, t.move.claimed.Delivery.MessageID)
	}
	return fmt.Sprintf("%s %s", t.process.name, t.send)
}
