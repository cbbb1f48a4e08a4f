package sim

import (
	"context"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// stateBug is a store that keeps states of lines wrongly.
type stateBug struct {
	lineStates
	latest map[of[recipients.Handle]]line.State // of the reports that it got
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

// oneTime keeps one time for both facts, and drops reports that are older than
// either.
func oneTime(known line.State, said *line.State) bool {
	return latest(*said).After(latest(known))
}

func latest(s line.State) time.Time {
	if s.ReputationAt.After(s.StatusAt) {
		return s.ReputationAt
	}
	return s.StatusAt
}

// lastOfTies lets the last of two reports with the same time hold.
func lastOfTies(known line.State, said *line.State) bool {
	if said.Status != 0 && said.StatusAt.Equal(known.StatusAt) && said.Status < known.Status {
		said.StatusAt = said.StatusAt.Add(time.Microsecond)
	}
	return true
}

// recoversOnAnything takes a report of a flagged line's reputation for its
// recovery.
func recoversOnAnything(known line.State, said *line.State) bool {
	if said.Status == 0 && known.Status == line.Flagged {
		said.FlaggedAt, said.RecoveredAt = known.StatusAt, known.StatusAt.Add(time.Microsecond)
	}
	return true
}

// byTheClock is a store in which a flag that a delivery found has the time of
// the caller's clock, even if later reports are known.
type byTheClock struct{ lineStates }

func flagsByTheClock(inner lineStates) lineStates { return byTheClock{inner} }

func (b byTheClock) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	s := line.State{Tenant: tenant, Number: number, Status: line.Flagged, StatusAt: at}
	applied, err := b.ReportLine(ctx, s)
	return s, applied, err
}
