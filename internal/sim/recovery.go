package sim

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// turns are the time of the last report that a line is flagged, and the times
// of all reports that it is active.
type turns struct {
	flagged time.Time
	active  []time.Time
}

// turn records a report of the status of a line.
func (l *ledger) turn(id of[recipients.Handle], says line.Status, at time.Time) {
	if l.turns[id] == nil {
		l.turns[id] = &turns{}
	}
	switch t := l.turns[id]; says {
	case line.Flagged:
		if at.After(t.flagged) {
			t.flagged = at
		}
	case line.Active:
		t.active = append(t.active, at)
	}
}

// recovered returns when the line became active after it was last flagged, by
// all reports. It is zero if it did not.
func (t *turns) recovered() (first time.Time) {
	for _, at := range t.active {
		if at.After(t.flagged) && !t.flagged.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// checkRecovery checks law 17 for the recoveries that the store keeps. Reports
// come in any order, mixed with others: a recovery may be known too late, but
// never too early, and it is known.
func (l *ledger) checkRecovery(kept line.State) {
	t := l.turns[of[recipients.Handle]{kept.Tenant, kept.Number}]
	if t == nil {
		t = &turns{}
	}
	truth := t.recovered()
	if kept.RecoveredAt.IsZero() != truth.IsZero() || kept.RecoveredAt.Before(truth) {
		broken(17, "line %s is kept as recovered at %s, and recovered at %s", kept.Number.String(), kept.RecoveredAt, truth)
	}
}
