package sim

import (
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// world is one run of the simulation.
type world struct {
	simulation *Simulation
	draw       *choices
	bug        Bug
	faults     int // how often things go wrong: from 0, never, to 2
	skipNamed  bool
	guard      line.Guard // mostly none
	deferUpTo  time.Duration
	knowing    bool // lines that people know are preferred
	compared   bool // clocks are compared: a process that is too far off may change nothing

	now         time.Time
	ids         int
	engine      *memory.Store
	store       store.ChatStore // the engine, or the bug's version of it
	states      lineStates      // the same
	outbox      outbox          // the same
	knower      knower          // the same
	inbox       inbox           // the same
	told        []*telling      // what the network reports
	tellings    int             // reports of events so far
	nested      int             // how deep events are nested in others
	news        []fleet.Event   // events about lines that are under way
	tenants     []*tenant
	processes   []*process
	dispatchers []*dispatcher
	sends       []*send
	late        []*request
	ledger      *ledger
	current     *task // the one that is running

	stats   Stats
	lines   []string // of the log; kept if the world is run again
	verbose bool
}

// tenant is a tenant, and its lines as in its file.
type tenant struct {
	name  string
	lines []line.Line
}

func (t *tenant) line(number recipients.Handle) line.Line {
	for _, l := range t.lines {
		if l.Number == number {
			return l
		}
	}
	return line.Line{}
}

// noon is the time at which every world begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tenantLines are the lines of the tenants. Clients also send to the first line
// of the first tenant.
var tenantLines = [][]uint64{{12025550161, 14155550163, 442079460165}, {12125550167, 493012345666}}

func (s *Simulation) newWorld(draw *choices, verbose bool) *world {
	w := &world{simulation: s, draw: draw, bug: s.Bug, now: noon, ledger: newLedger(), verbose: verbose}
	w.faults = draw.below(3)
	w.skipNamed = draw.once(3)
	if draw.once(2) {
		w.guard = line.Guard{Gap: 20 * time.Minute, Burst: 1 + draw.below(2), FailoverShare: 40}
		if draw.once(2) {
			w.guard.RampDays, w.guard.RampStart = 4, 20
		}
		w.deferUpTo = []time.Duration{0, 30 * time.Minute, 2 * time.Hour}[draw.below(3)]
	}
	w.knowing = draw.once(2)
	w.compared = draw.once(2)
	w.engine = memory.New(memory.Options{Clock: func() time.Time { return w.now }})
	w.store = w.engine
	if w.bug.Store != nil {
		w.store = w.bug.Store(w.engine)
	}
	w.outbox = w.engine
	if w.bug.Outbox != nil {
		w.outbox = w.bug.Outbox(w.engine)
	}
	w.knower = w.engine
	if w.bug.Knower != nil {
		w.knower = w.bug.Knower(w.engine)
	}
	w.inbox = w.engine
	if w.bug.Inbox != nil {
		w.inbox = w.bug.Inbox(w.engine)
	}
	w.states = w.engine
	if w.bug.States != nil {
		w.states = w.bug.States(w.engine)
	}
	for i, digits := range tenantLines {
		t := &tenant{name: string(rune('A' + i))}
		for _, d := range digits {
			number, err := recipients.FromDigits(d)
			if err != nil {
				panic(err)
			}
			l := line.Line{Number: number}
			l.Limits.NewChatsPerDay = draw.below(4)
			l.Limits.MessagesPerDay = []int{0, 0, 0, 3}[draw.below(4)]
			if age := draw.below(4); age > 0 && w.guard.RampDays > 0 {
				l.StartedAt = noon.Add(-time.Duration(age-1) * 30 * time.Hour)
			}
			t.lines = append(t.lines, l)
		}
		w.tenants = append(w.tenants, t)
	}
	skews := []time.Duration{0, -3 * time.Second, 5 * time.Second, -90 * time.Minute, 4 * time.Minute}
	if w.compared {
		// The extra half minute is longer than all short steps of time
		// together: a clock that is set right does not repeat a time that it
		// has shown.
		skews = append(skews, 26*time.Hour+30*time.Second, 8*24*time.Hour+30*time.Second)
	}
	for i := range 3 {
		p := &process{world: w, name: fmt.Sprintf("p%d", i), skew: skews[draw.below(len(skews))], table: draw.once(3)}
		p.asks = w.compared && draw.once(2)
		w.log("%s is %v ahead, compares its clock: %v, keeps its lines in a table: %v", p.name, p.skew, p.asks, p.table)
		w.processes = append(w.processes, p)
		p.boot()
	}
	w.dispatchers = []*dispatcher{{world: w, name: "d0", process: w.processes[0]}, {world: w, name: "d1", process: w.processes[1]}}
	return w
}

// router returns the store as a process reaches it.
func (w *world) router(p *process) store.ChatStore {
	var far store.ChatStore = remote{p}
	if w.bug.Remote != nil {
		far = w.bug.Remote(far)
	}
	if w.bug.ForgetsFlags {
		return struct {
			store.ChatStore
			outbox
			knower
		}{far, remoteOutbox{w.outbox, remote{p}}, remote{p}}
	}
	seen := struct {
		store.ChatStore
		outbox
		lineStates
		knower
	}{far, remoteOutbox{w.outbox, remote{p}}, w.states, remote{p}}
	if !p.asks {
		return seen
	}
	return struct {
		store.ChatStore
		outbox
		lineStates
		knower
		store.Clocked
	}{seen.ChatStore, seen.outbox, seen.lineStates, seen.knower, w.engine}
}

// step makes one step.
func (w *world) step() {
	w.stats.Steps++
	tasks := w.tasks()
	switch action := w.draw.below(32); {
	case action < 18 && len(tasks) > 0:
		w.move(tasks[w.draw.below(len(tasks))])
	case action == 0 || action == 31 && w.draw.once(2):
		w.networkTells()
	case action < 22 && len(tasks) < maxTasks && len(w.sends) < maxSends:
		s := w.newSend()
		w.start(s)
	case action == 22:
		w.ask()
	case action == 23:
		w.timePasses()
	case action == 24:
		w.processes[w.draw.below(len(w.processes))].poll()
	case action == 25:
		w.othersPick(w.processes[w.draw.below(len(w.processes))], w.draw.below(8))
	case action == 26:
		if w.draw.once(2) {
			w.hearAgain()
		} else {
			w.lineFlaps()
		}
	case action == 27:
		w.chatHappens()
	case action == 28 && len(w.late) > 0:
		w.land(w.draw.below(len(w.late)))
	case action == 29 && w.faults > 0 && w.draw.once(4):
		w.processes[w.draw.below(len(w.processes))].crash()
	case action == 30 && w.draw.once(4) && w.quiet():
		if w.compared {
			w.purgeBy(w.processes[w.draw.below(len(w.processes))])
		} else {
			w.purge()
		}
	case action == 31 && w.draw.once(3):
		w.operator()
	default:
		w.dispatchers[w.draw.below(len(w.dispatchers))].step()
	}
}

const (
	maxTasks = 6
	maxSends = 40
)

// tasks returns the running calls, in a stable order.
func (w *world) tasks() []*task {
	list := w.simulation.tasks[:0]
	for _, p := range w.processes {
		list = append(list, p.tasks...)
	}
	w.simulation.tasks = list
	return list
}

// start makes a client call a process.
func (w *world) start(s *send) {
	t := w.processes[w.draw.below(len(w.processes))].start(s)
	w.log("%s begins", t)
	w.move(t)
}

// move continues a task, and handles its answer if it has one.
func (w *world) move(t *task) {
	if t.request != nil {
		w.deliver(t)
	} else {
		t.resume()
	}
	if t.done {
		t.process.finish(t)
	}
}

// ask makes a client ask again: if it must, or at any time if it has a key.
func (w *world) ask() {
	if len(w.sends) == 0 || len(w.tasks()) >= maxTasks {
		return
	}
	s := w.sends[w.draw.below(len(w.sends))]
	if s.key != "" || s.again && s.running == 0 && !s.over {
		s.again = false
		w.start(s)
	}
}

// quiet reports whether no running call began long ago: records are kept for
// longer than any call lasts.
func (w *world) quiet() bool {
	for _, t := range w.tasks() {
		if w.now.Sub(t.began) > lateness {
			return false
		}
	}
	for _, req := range w.late {
		if w.now.Sub(req.task.began) > lateness {
			return false
		}
	}
	return true
}

func (w *world) log(format string, args ...any) {
	if w.verbose {
		w.lines = append(w.lines, fmt.Sprintf(format, args...))
	}
}

func describe(err error) string {
	var conflict *store.Conflict
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &conflict):
		return conflict.Kind.String()
	}
	return err.Error()
}
