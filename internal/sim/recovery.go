package sim

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// turns are when a line was said to be flagged last, and all that was said of it
// being active.
type turns struct {
	flagged time.Time
	active  []time.Time
}

// turn takes in what is said of the status of a line.
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

// recovered is when the line became active after it was flagged last, by all that
// was said of it; zero where it did not.
func (t *turns) recovered() (first time.Time) {
	for _, at := range t.active {
		if at.After(t.flagged) && !t.flagged.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// checkRecovery checks law 17 of what the store keeps of recoveries: told in
// whatever order, and whatever else is told, one may be known too late, never too
// early, and it is known.
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
