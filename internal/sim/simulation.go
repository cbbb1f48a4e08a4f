package sim

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/fromline/fromline/store"
)

// Simulation runs worlds. It is not safe for concurrent use.
type Simulation struct {
	// Bug is put into every world, to see it found. The zero Bug is none.
	Bug Bug

	// Steps is how many steps a world makes before it comes to rest; 0 means
	// 300.
	Steps int

	requests map[string]built
	tasks    []*task // room
}

// Bug is a deliberate mistake in what surrounds the Routers: it stands for the
// same mistake inside of them, or shows what they rely on.
type Bug struct {
	Store  func(store.ChatStore) store.ChatStore // at the store's end of the network
	Remote func(store.ChatStore) store.ChatStore // at the Router's end
	Fleet  func(LineHealth) LineHealth

	Insists bool                        // a refused pick is tried again until it is not
	States  func(lineStates) lineStates // at the store's end, what is kept of lines
	Outbox  func(outbox) outbox         // at the store's end
	Inbox   func(inbox) inbox           // at the store's end, what a network tells
	Knower  func(knower) knower         // at the store's end, which lines people know

	NoPoll        bool // processes do not read what others learned about lines
	FillsIn       bool // a process adds what it knows to what an event says
	ForgetsFlags  bool // what deliveries say of lines is kept in one process only
	Impatient     bool // clients ask again although they are told not to
	AckBeforeSend bool // dispatchers settle a delivery before they send it
	AcksHeld      bool // dispatchers acknowledge what they hold with what they sent
	PurgesByClock bool // a purge goes by the clock of the process that asks for it
}

// Stats say what happened in some worlds.
type Stats struct {
	Worlds, Steps, Sends, Calls int

	// Commits by what the store did with them, and those of whose outcome the
	// caller learned nothing. Young ones were on a line on its ramp.
	New, Reused, FailedOver, Deferred, Young, Conflicts, FullLines, Unknown int

	// Answers by kind; Crashes ended calls without one.
	Decisions, Replays, Refusals, KeysReused, Unavailable, Crashes int

	// Calls in processes with a table of lines; the picks that their hosts
	// refused, the waits of sends refused too often, and those given up.
	OfTables, PicksRefused, Outrun, GivenUp int

	// Answers of tables with a row that could not be read, and sends that had to
	// wait for one.
	BadRows, Untold int

	// Deliveries that were leased as they were committed, and that were handed over.
	Leased, HandedOver int

	// Deliveries that were decided again: how often a Router was asked, how many
	// moved, and how many could go nowhere; those parked, and what operators did.
	AskedAgain, Rerouted, NoWay, Parked, Treated int

	// What was heard of lines, and how often the network said that one is
	// flagged.
	Heard, Flagged int

	// Calls that the store refused for their time, answers that said so, and purges
	// by the clock of a process that was wrong.
	Mistimed, Stopped, WrongPurges int
}

// add adds the stats of one world: all of them, whichever there are.
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
	Choices []uint32 // that the world made
	Steps   int      // that it took until the law was broken
	Law     int      // of docs/rules.md §16
	Text    string
	Log     []string // what happened; only of a world that was told again
}

// Error tells the failure, and its log where there is one.
func (f *Failure) Error() string {
	return fmt.Sprintf("law %d is broken in the world of seed %d after %d steps: %s\n  %s",
		f.Law, f.Seed, f.Steps, f.Text, strings.Join(f.Log, "\n  "))
}

// Run runs the worlds of the seeds from the given one on until so many steps
// were made, or a law is broken.
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

// World runs the world of one seed, with a log.
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
