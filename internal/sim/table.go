package sim

import (
	"context"
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// table is what a host knows its lines by that keeps a table of its own instead
// of a fleet.Fleet: its file says which they are, and the store how they are,
// which it reads at polls. It knows nothing of their use. It dies with the life
// of its process.
type table struct {
	process *process
	states  map[of[recipients.Handle]]line.State
	read    line.Change // how far the states were read

	// Of a host that counts picks.
	held    []pick
	full    map[of[recipients.Handle]]time.Time
	refuses int // how many more picks it refuses in a row
}

// pick is one line picked for a send of a time.
type pick struct {
	line of[recipients.Handle]
	at   int64
}

func newTable(p *process) *table {
	return &table{process: p, states: map[of[recipients.Handle]]line.State{}, full: map[of[recipients.Handle]]time.Time{}}
}

// Sync reads what the store learned about lines since the last time.
func (t *table) Sync(ctx context.Context, source fleet.Source) error {
	const page = 100
	for full := true; full; {
		states, last, err := source.LineStates(ctx, t.read, page)
		if err != nil {
			return err
		}
		for _, s := range states {
			t.states[of[recipients.Handle]{s.Tenant, s.Number}] = s
		}
		full, t.read = len(states) == page, last
	}
	return nil
}

// hear gives the store what an event says of a line. Like every other process,
// this one learns it at its next poll.
func (t *table) hear(ctx context.Context, states store.LineStates, e fleet.Event) error {
	if t.ahead(e.ChangedAt) {
		return fleet.ErrAhead
	}
	_, err := states.ReportLine(ctx, stateOf(e))
	return err
}

// ahead says whether a time is too far in the future of the host's clock.
func (t *table) ahead(at time.Time) bool { return at.Sub(t.process.Now()) > 5*time.Minute }

// ReportDelivery implements fromline.LineReporter: the host learns it from the
// store.
func (t *table) ReportDelivery(context.Context, string, fleet.Outcome) error { return nil }

// Lines implements fromline.LineHealth.
func (t *table) Lines(_ context.Context, tenant string, at time.Time) (fleet.View, error) {
	if t.process.kind.timeless {
		at = time.Time{}
	}
	for _, known := range t.process.world.tenants {
		if known.name != tenant {
			continue
		}
		lines := slices.Clone(known.lines)
		for i := range lines {
			l := &lines[i]
			id := of[recipients.Handle]{tenant, l.Number}
			s := t.states[id]
			l.Status, l.Reputation = s.Status, s.Reputation
			l.NewChatsFullUntil = t.full[id]
		}
		return fleet.NewView(lines, fleet.ViewOptions{At: at}), nil
	}
	return fleet.View{}, fleet.ErrUnknownTenant
}

// hurry makes the host refuse picks, as it does where others come in before: once,
// or so often that a send has to wait, or that it is not answered at all.
func (t *table) hurry(n int) { t.refuses = []int{0, 1, 1, 1, 2, 3, 40, 400}[n] }

// Reserve implements fromline.Reserver.
func (t *table) Reserve(tenant string, at time.Time, _ fleet.Query, line recipients.Handle) bool {
	current := t.process.world.current
	if t.refuses > 0 {
		t.refuses--
		current.outrun(line)
		return false
	}
	current.refused = 0
	t.held = append(t.held, pickOf(tenant, at, line))
	return true
}

// Confirm implements fromline.Reserver.
func (t *table) Confirm(tenant string, at time.Time, line recipients.Handle) {
	t.settle(pickOf(tenant, at, line))
}

// Release implements fromline.Reserver.
func (t *table) Release(tenant string, at time.Time, line recipients.Handle) {
	t.settle(pickOf(tenant, at, line))
}

// Full implements fromline.Reserver.
func (t *table) Full(tenant string, line recipients.Handle, until time.Time) {
	t.full[of[recipients.Handle]{tenant, line}] = until
}

func pickOf(tenant string, at time.Time, line recipients.Handle) pick {
	return pick{of[recipients.Handle]{tenant, line}, at.UnixNano()}
}

// settle ends a pick: each is confirmed or given back, and once.
func (t *table) settle(p pick) {
	i := slices.Index(t.held, p)
	if i < 0 {
		broken(15, "%s: a pick of %s is confirmed or given back that is not held", t.process.name, p.line.what)
	}
	t.held = slices.Delete(t.held, i, i+1)
}
