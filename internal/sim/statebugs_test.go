package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// stateBug is a store that keeps what is said of lines in a wrong way.
type stateBug struct {
	lineStates
	latest map[of[recipients.Handle]]line.State // of what it was told
	change func(known line.State, said *line.State) (keep bool)
}

func keeping(change func(known line.State, said *line.State) bool) func(lineStates) lineStates {
	return func(inner lineStates) lineStates {
		return stateBug{inner, map[of[recipients.Handle]]line.State{}, change}
	}
}

func (b stateBug) ReportLine(ctx context.Context, s line.State) (bool, error) {
	id := of[recipients.Handle]{s.Tenant, s.Number}
	known := b.latest[id]
	if !b.change(known, &s) {
		return false, nil
	}
	b.latest[id], _ = known.Merge(s)
	return b.lineStates.ReportLine(ctx, s)
}

// oneTime keeps one time for both facts: what is older than either is dropped.
func oneTime(known line.State, said *line.State) bool {
	return latest(*said).After(latest(known))
}

func latest(s line.State) time.Time {
	if s.ReputationAt.After(s.StatusAt) {
		return s.ReputationAt
	}
	return s.StatusAt
}

// lastOfTies lets the one that arrives last hold where two facts are of one time.
func lastOfTies(known line.State, said *line.State) bool {
	if said.Status != 0 && said.StatusAt.Equal(known.StatusAt) && said.Status < known.Status {
		said.StatusAt = said.StatusAt.Add(time.Microsecond)
	}
	return true
}

// recoversOnAnything takes what is said of the reputation of a flagged line for its
// recovery.
func recoversOnAnything(known line.State, said *line.State) bool {
	if said.Status == 0 && known.Status == line.Flagged {
		said.FlaggedAt, said.RecoveredAt = known.StatusAt, known.StatusAt.Add(time.Microsecond)
	}
	return true
}

// byTheClock is a store for which a delivery that finds its line flagged says so
// as of the caller's clock, whatever was learned before.
type byTheClock struct{ lineStates }

func flagsByTheClock(inner lineStates) lineStates { return byTheClock{inner} }

func (b byTheClock) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	s := line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at}
	applied, err := b.ReportLine(ctx, s)
	return s, applied, err
}
