package sim

import (
	"context"
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/reference"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// told is what a Router was told for one call, which its decision has to follow
// from. It outlives the rounds of the call: the latest counts.
type told struct {
	at       time.Time // of the send
	view     fleet.View
	snapshot store.Snapshot
	uses     []line.Use // at the moment of the look-up, for a host with a table
	full     []recipients.Handle
}

// facts are what the Router was told when it decided. A fleet says how its lines
// are used, as of the time of its view. A table does not: there it is what the
// store says in the look-up, whichever view of the round it is, as of the time of
// the send.
func (t *task) facts() reference.Facts {
	f := reference.Facts{Send: t.send.facts, Chats: t.told.snapshot.Chats, At: t.told.view.At(), SkipNamedGroups: t.world.skipNamed}
	if t.process.table != nil {
		f.At = t.told.at
	}
	for l := range t.told.view.All() {
		if t.process.table != nil {
			t.told.use(&l)
		}
		id := of[recipients.Handle]{t.send.tenant.name, l.Number}
		if slices.Contains(t.told.full, l.Number) || t.process.foundFull[id].After(f.At) {
			l.NewChatsFullUntil = f.At.Add(forever)
		}
		f.Lines = append(f.Lines, l)
	}
	return f
}

// use puts the use of a line into it, counted by docs/rules.md §10.
func (t *told) use(l *line.Line) {
	l.NewChats, l.MessagesFullUntil = 0, time.Time{}
	hour := line.HourOf(t.at)
	for _, u := range t.uses {
		if u.Number != l.Number {
			continue
		}
		l.NewChats = inWindow(u.NewChats[:], u.Hour, hour)
		if limit := l.Limits.MessagesPerDay; limit > 0 && inWindow(u.Messages[:], u.MessagesHour, hour) >= limit {
			l.MessagesFullUntil = t.at.Add(forever)
		}
	}
}

// inWindow adds up what was counted, the newest hour first, in an hour and the 24
// before it; the hour of a line never runs backwards.
func inWindow(counts []uint32, newest, hour int64) int {
	n := 0
	for i, count := range counts {
		if newest-int64(i) > max(newest, hour)-25 {
			n += int(count)
		}
	}
	return n
}

// usesAt returns how the lines of a send are used at the moment that a look-up is
// made for a host with a table: what the store has to tell it.
func (w *world) usesAt(t *task) []line.Use {
	if t.process.table == nil {
		return nil
	}
	q := store.Query{Tenant: t.send.tenant.name, Lines: numbers(t.send.tenant.lines)}
	snapshot, err := w.engine.Lookup(context.Background(), q)
	if err != nil {
		panic(err)
	}
	for _, u := range snapshot.Uses {
		counted := inWindow(u.NewChats[:], u.Hour, u.Hour)
		if opened := w.ledger.line(u.Tenant, u.Number).window(u.Hour); counted != opened {
			broken(15, "the store counts %d new chats of %s, which opened %d", counted, u.Number, opened)
		}
	}
	return snapshot.Uses
}

// rememberFull keeps what a Router has to remember that found a line full and has
// nobody to tell: it leaves the line out until then, in later sends as well. It
// forgets those whose time has come by the clock of a send.
func (p *process) rememberFull(t *task, c *store.Conflict) {
	for id, until := range p.foundFull {
		if !until.After(t.told.at) {
			delete(p.foundFull, id)
		}
	}
	p.foundFull[of[recipients.Handle]{t.send.tenant.name, c.Line}] = c.NextFree
}
