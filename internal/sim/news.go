package sim

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// lineStates is store.LineStates, with another name, so that embedding it hides
// none of its methods.
type lineStates interface{ store.LineStates }

// maxNews is the largest number of events under way.
const maxNews = 6

// lineFlaps lets the vendor report the status of a line, its reputation or
// both, mostly as of now. The event may also have the same time as the last one
// about the line, be older, or be ahead of the true time. One process gets it
// at once, and others may get it later.
func (w *world) lineFlaps() {
	t := w.tenants[w.draw.below(len(w.tenants))]
	number := t.lines[w.draw.below(len(t.lines))].Number
	e := fleet.Event{Type: fleet.StatusUpdated, Tenant: t.name, Number: number, ChangedAt: w.now}
	switch w.draw.below(8) {
	case 4, 5:
		e.ChangedAt = cmp.Or(w.ledger.spoken[of[recipients.Handle]{t.name, number}], w.now)
	case 6:
		e.ChangedAt = w.now.Add(-time.Hour)
	case 7:
		e.ChangedAt = w.now.Add(4 * time.Minute)
	}
	w.ledger.spoken[of[recipients.Handle]{t.name, number}] = e.ChangedAt
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
	if len(w.news) == maxNews {
		w.news = w.news[1:]
	}
	w.news = append(w.news, e)
	w.hear(e)
}

// hearAgain lets a process get an event late: the whole of it or one half, so
// that halves are swapped, and some come twice.
func (w *world) hearAgain() {
	if len(w.news) == 0 {
		return
	}
	e := w.news[w.draw.below(len(w.news))]
	switch w.draw.below(3) {
	case 1:
		e.Status = 0
	case 2:
		e.Reputation = 0
	}
	if e.Status != 0 || e.Reputation != 0 {
		w.hear(e)
	}
}

// hear passes an event to one process. A process whose clock is far behind, or
// is wrong, refuses it.
func (w *world) hear(e fleet.Event) {
	p := w.processes[w.draw.below(len(w.processes))]
	told := e
	if w.bug.FillsIn {
		told = p.filledIn(e)
	}
	err := p.hear(told)
	if errors.Is(err, fleet.ErrAhead) || p.wrong() && errors.Is(err, store.ErrClock) {
		return
	}
	if err != nil {
		panic(err)
	}
	w.ledger.learn(e.Tenant, e)
	w.stats.Heard++
	w.log("%s hears that at %s %s of %s is %s, %s", p.name, e.ChangedAt.Format(time.TimeOnly), e.Number.String(), e.Tenant, e.Status, e.Reputation)
	w.checkKept(e.Tenant, e.Number)
}

// lineRefusedBy tells a process that the network has flagged a line. The clock
// of the process may be behind all reports about the line: the flag is later
// nevertheless.
func (w *world) lineRefusedBy(p *process, tenant string, number recipients.Handle) {
	switch err := p.router.LineFlagged(context.Background(), tenant, number); {
	case p.wrong() && errors.Is(err, store.ErrClock):
		p.untold = append(p.untold, of[recipients.Handle]{tenant, number})
		w.checkKept(tenant, number)
		return
	case err != nil:
		panic(err)
	}
	w.ledger.flag(tenant, number, p.Now())
	w.stats.Flagged++
	w.log("%s learns that the network has flagged %s of %s", p.name, number.String(), tenant)
	w.checkKept(tenant, number)
	view, err := p.lines.View(context.Background(), tenant, p.Now())
	if err != nil {
		panic(err)
	}
	if l, _ := view.Line(number); l.Status != line.Flagged && !view.Untold(number) {
		broken(17, "%s was told by the network that %s is flagged, and takes it for %s", p.name, number.String(), l.Status)
	}
}

// filledIn returns an event with its missing facts, as the process knows them.
func (p *process) filledIn(e fleet.Event) fleet.Event {
	view, err := p.lines.View(context.Background(), e.Tenant, p.Now())
	if err != nil {
		panic(err)
	}
	l, _ := view.Line(e.Number)
	e.Status, e.Reputation = cmp.Or(e.Status, l.Status), cmp.Or(e.Reputation, l.Reputation)
	return e
}
