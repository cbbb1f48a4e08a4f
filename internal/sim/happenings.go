package sim

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// timePasses moves the one true time.
func (w *world) timePasses() {
	steps := []time.Duration{time.Microsecond, time.Second, time.Minute, time.Hour, 25 * time.Hour}
	w.now = w.now.Add(steps[w.draw.below(len(steps))])
	w.log("it is %s", w.now.Format(time.DateTime))
}

// lineFlaps changes the status of a line, its reputation, or both: one process
// learns of it at once, the others when they poll.
func (w *world) lineFlaps() {
	t := w.tenants[w.draw.below(len(w.tenants))]
	p := w.processes[w.draw.below(len(w.processes))]
	e := fleet.Event{
		Type: fleet.StatusUpdated, Tenant: t.name, Number: t.lines[w.draw.below(len(t.lines))].Number,
		ChangedAt: w.now,
	}
	says := w.draw.below(3)
	if says != 1 {
		e.Status = line.Active
		if w.draw.once(2) {
			e.Status = line.Flagged
		}
	}
	if says != 2 {
		e.Reputation = line.Healthy
		if w.draw.once(3) {
			e.Reputation = line.AtRisk
		}
	}
	told := e
	if w.bug.FillsIn {
		told = p.filledIn(e)
	}
	err := p.hear(told)
	if errors.Is(err, fleet.ErrAhead) {
		return // of a process whose clock is behind
	}
	if err != nil {
		panic(err)
	}
	w.ledger.learn(t.name, e)
	w.log("%s hears that %s of %s is %s, %s", p.name, e.Number, t.name, e.Status, e.Reputation)
}

// lineRefused tells a process that the network has flagged a line.
func (w *world) lineRefused(tenant string, number recipients.Handle) {
	p := w.processes[w.draw.below(len(w.processes))]
	if err := p.router.LineFlagged(context.Background(), tenant, number); err != nil {
		panic(err)
	}
	w.ledger.flag(tenant, number, p.Now())
	w.log("%s learns that the network has flagged %s of %s", p.name, number, tenant)
}

// othersPick lets others come in before the picks of a process: once, or so often
// that a send has to wait, or that it is not answered at all.
func (w *world) othersPick(p *process, n int) {
	p.refuses = []int{0, 1, 1, 1, 2, 3, 40, 400}[n]
	w.log("others come in before the next %d picks of %s", p.refuses, p.name)
}

// filledIn is an event with what it does not say as the process knows it.
func (p *process) filledIn(e fleet.Event) fleet.Event {
	view, err := p.lines.View(context.Background(), e.Tenant, p.Now())
	if err != nil {
		panic(err)
	}
	l, _ := view.Line(e.Number)
	e.Status, e.Reputation = cmp.Or(e.Status, l.Status), cmp.Or(e.Reputation, l.Reputation)
	return e
}

// chatHappens lets something happen in a chat without us, or makes one known.
func (w *world) chatHappens() {
	t := w.tenants[w.draw.below(len(w.tenants))]
	line := t.lines[w.draw.below(len(t.lines))].Number
	chats, _, err := w.engine.ChatsOfLine(context.Background(), t.name, line, uuid.Nil, 0)
	if err != nil {
		panic(err)
	}
	at := w.now.Add(time.Duration(w.draw.below(3)) * time.Hour)
	kind := w.draw.below(6)
	var event store.Event
	if len(chats) == 0 || kind == 0 {
		set, err := recipients.NewSet(sets[w.draw.below(len(sets))]...)
		if err != nil || set.Contains(line) {
			return
		}
		w.ids++
		event = store.ChatSeen{ID: uuid.UUID{0: 'c', 14: byte(w.ids >> 8), 15: byte(w.ids)}, Line: line, Participants: set, CreatedAt: w.now}
	} else {
		id := chats[w.draw.below(len(chats))].ID
		switch kind {
		case 1, 2:
			event = store.Activity{Chat: id, At: at}
		case 3:
			event = store.Renamed{Chat: id, Named: w.draw.once(2)}
		case 4:
			event = store.ParticipantAdded{Chat: id, Handle: bob, At: w.now}
		case 5:
			event = store.LineLeft{Chat: id}
			if w.draw.once(2) {
				event = store.ParticipantRemoved{Chat: id, Handle: bob}
			}
		}
	}
	if err := w.engine.Apply(context.Background(), t.name, []store.Event{event}); err != nil {
		panic(err)
	}
	w.log("%s: %T %s", t.name, event, event.ChatID())
}

// purge removes what expired long ago, however wrong the clocks are that said
// until when it is kept. What was decided a week ago was handed over.
func (w *world) purge() {
	w.handOver()
	before := w.now.Add(-purgeMargin)
	if _, err := w.engine.Purge(context.Background(), before, 0); err != nil {
		panic(err)
	}
	w.ledger.purge(before)
	w.log("purged")
}

const purgeMargin = 4 * time.Hour
