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

// process is one host of the library: a Router over a fleet or a table of its
// own, and a clock that need not be right.
type process struct {
	world  *world
	name   string
	skew   time.Duration
	kind   kind
	lines  lines
	table  *table // the lines where they are a table, nil where a fleet
	router *fromline.Router
	tasks  []*task // in flight
	lives  int

	// opened are the chats that this life of the process knows it opened, and
	// foundFull the lines that it found full, until then, where nobody else
	// keeps that.
	opened    []opening
	foundFull map[of[recipients.Handle]]time.Time
}

// kind says what a host knows its lines by; the zero kind is a fleet.Fleet.
type kind struct {
	table    bool
	counts   bool // the table counts picks
	timeless bool // the views of the table are of no time
}

// kinds are what a host is drawn from: two of three have a fleet.
var kinds = [12]kind{
	8: {table: true}, 9: {table: true, timeless: true},
	10: {table: true, counts: true}, 11: {table: true, counts: true, timeless: true},
}

func (k kind) String() string {
	if !k.table {
		return "a fleet"
	}
	text := "a table"
	if k.counts {
		text += " that counts picks"
	}
	if k.timeless {
		text += ", of no time"
	}
	return text
}

// lines is a fleet or a table.
type lines interface {
	LineHealth
	Sync(context.Context, fleet.Source) error
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

// NewID draws the ids of the Router.
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
	p.foundFull = map[of[recipients.Handle]]time.Time{}
	if p.kind.table {
		p.table = newTable(p)
		p.lines = p.table
	} else {
		p.lines = p.newFleet()
	}
	p.poll()
	var err error
	p.router, err = fromline.New(p.world.router(p), p.health(), fromline.Options{
		Clock: p.Now, NewID: p.NewID, Deliver: true, Retries: retries, SkipNamedGroups: p.world.skipNamed, Wait: p.world.wait,
	})
	if err != nil {
		panic(err)
	}
	p.checkRestart()
}

const forever = 1000 * time.Hour

func (p *process) newFleet() *fleet.Fleet {
	f, err := fleet.New(fleet.Options{Clock: p, StaleAfter: forever, HoldFor: forever})
	if err != nil {
		panic(err)
	}
	for _, t := range p.world.tenants {
		if err := f.SetLines(t.name, t.lines); err != nil {
			panic(err)
		}
	}
	return f
}

// health is what the Router of the process gets.
func (p *process) health() fromline.LineHealth {
	var inner LineHealth = p.lines
	wrap := p.world.bug.Fleet
	if p.kind.table {
		wrap = p.world.bug.Table
	}
	if wrap != nil {
		inner = wrap(inner)
	}
	h := health{p, inner}
	if p.kind.table && !p.kind.counts {
		return uncounting{h, h}
	}
	return h
}

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

// poll brings the lines up to date with the store.
func (p *process) poll() {
	if p.world.bug.NoPoll {
		return
	}
	if err := p.lines.Sync(context.Background(), p.world.engine); err != nil {
		panic(err)
	}
}

// hear tells the process what an event says of a line.
func (p *process) hear(e fleet.Event) error {
	ctx, states := context.Background(), p.world.engine
	if p.table != nil {
		return p.table.hear(ctx, states, e)
	}
	_, err := fromline.LineEvents{Fleet: p.lines.(*fleet.Fleet), States: states}.Report(ctx, e)
	return err
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
