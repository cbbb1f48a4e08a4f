package sim

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/fromline/fromline/store"
)

// Simulation runs worlds. It is not safe for concurrent use.
type Simulation struct {
	// Bug is a bug in every world, to test that the laws find it. The zero Bug
	// is none.
	Bug Bug

	// Steps is the number of steps of a world before it comes to rest; 0 means
	// 300.
	Steps int

	requests map[string]built
	tasks    []*task // reused memory
}

// Bug is a deliberate bug around the Routers. It stands for the same bug inside
// them, or shows what they rely on.
type Bug struct {
	Store  func(store.ChatStore) store.ChatStore // at the store's end of the network
	Remote func(store.ChatStore) store.ChatStore // at the Router's end
	Fleet  func(LineHealth) LineHealth

	Insists bool                        // a refused pick is tried until it is accepted
	States  func(lineStates) lineStates // at the store's end, the states of lines
	Outbox  func(outbox) outbox         // at the store's end
	Inbox   func(inbox) inbox           // at the store's end, inbound events
	Knower  func(knower) knower         // at the store's end, the lines that people know

	NoPoll        bool // processes do not read what others learned of lines
	FillsIn       bool // a process adds its own facts to an event
	ForgetsFlags  bool // only one process keeps what deliveries find of lines
	Impatient     bool // clients ask again although they must not
	AckBeforeSend bool // dispatchers settle a delivery before they send it
	AcksHeld      bool // dispatchers acknowledge held deliveries with those that they sent
	PurgesByClock bool // a purge uses the clock of the process that asks for it
}

// Stats count what happened in some worlds.
type Stats struct {
	Worlds, Steps, Sends, Calls int

	// Commits by kind. Unknown are those whose outcome the caller did not
	// learn, and Young those on a line on its ramp.
	New, Reused, FailedOver, Deferred, Young, Conflicts, FullLines, Unknown int

	// Answers by kind. Crashes are calls that ended without an answer.
	Decisions, Replays, Refusals, KeysReused, Unavailable, Crashes int

	// Calls in processes with a table of lines; picks that others came before;
	// waits of sends for that reason, and sends given up.
	OfTables, PicksRefused, Outrun, GivenUp int

	// Answers of tables with a row that cannot be read, and sends that had to
	// wait for such a row.
	BadRows, Untold int

	// Deliveries that were leased at their commit, and deliveries handed over.
	Leased, HandedOver int

	// Deliveries that were decided again: calls of Routers, reroutes, and
	// deliveries without a line; deliveries parked, and actions of operators.
	AskedAgain, Rerouted, NoWay, Parked, Treated int

	// Reports about lines, and how often the network refused a message because
	// its line is flagged.
	Heard, Flagged int

	// Calls that the store refused for their time, answers that said so, and
	// purges by the wrong clock of a process.
	Mistimed, Stopped, WrongPurges int
}

// add adds the stats of one world, field by field.
func (s *Stats) add(w *Stats) {
	s.Worlds++
	sum, one := reflect.ValueOf(s).Elem(), reflect.ValueOf(w).Elem()
	for i := range sum.NumField() {
		sum.Field(i).SetInt(sum.Field(i).Int() + one.Field(i).Int())
	}
}

// Failure is a world that broke a law.
type Failure struct {
	Seed    uint64   // of the world
	Choices []uint32 // of the world
	Steps   int      // steps until the law was broken
	Law     int      // of docs/rules.md §16
	Text    string
	Log     []string // what happened; only for a world that was run again
}

// Error describes the failure, with its log if there is one.
func (f *Failure) Error() string {
	return fmt.Sprintf("law %d is broken in the world of seed %d after %d steps: %s\n  %s",
		f.Law, f.Seed, f.Steps, f.Text, strings.Join(f.Log, "\n  "))
}

// Run runs worlds from a seed on until they have made so many steps, or break a
// law.
func (s *Simulation) Run(seed uint64, steps int) (Stats, *Failure) {
	var stats Stats
	for ; stats.Steps < steps; seed++ {
		w, f := s.run(seed, fromSeed(seed), false)
		stats.add(&w.stats)
		if f != nil {
			return stats, f
		}
	}
	return stats, nil
}

// World runs the world of a seed again, with a log. It returns nil if it breaks
// no law.
func (s *Simulation) World(seed uint64) *Failure {
	_, f := s.run(seed, fromSeed(seed), true)
	return f
}

func (s *Simulation) run(seed uint64, draw *choices, verbose bool) (w *world, f *Failure) {
	if s.requests == nil {
		s.requests = map[string]built{}
	}
	steps := s.Steps
	if steps == 0 {
		steps = 300
	}
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		b, is := r.(breach)
		if !is {
			panic(r)
		}
		for _, t := range w.tasks() {
			t.kill()
		}
		f = &Failure{Seed: seed, Choices: draw.taken, Steps: w.stats.Steps, Law: b.law, Text: b.text, Log: w.lines}
	}()
	w = s.newWorld(draw, verbose)
	for w.stats.Steps < steps && !draw.over() {
		w.step()
	}
	w.drain()
	return w, nil
}
