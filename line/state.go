package line

import (
	"strconv"
	"time"

	"github.com/fromline/fromline/recipients"
)

// Change numbers changes in the order in which a store committed them, from 1.
// Zero comes before all of them.
type Change uint64

// State is what events said about one line: three facts, each with its own
// time. A store keeps it, and every process that follows the store acts on it.
// It is a plain value.
//
// An event says one fact or more, and its time is the time of each fact that it
// says. A fact that was never said is zero, and so is its time. Only
// [State.Merge] joins states, in stores and in processes: so the state does not
// depend on the order, the number or the grouping of the events.
type State struct {
	Tenant string
	Number recipients.Handle

	Status   Status
	StatusAt time.Time

	// FlaggedAt is the latest time at which the line was said to be FLAGGED, and
	// RecoveredAt the earliest known after that at which it was said to be
	// ACTIVE; zero where it never was. Events do not say them: [State.Merge]
	// finds them.
	FlaggedAt   time.Time
	RecoveredAt time.Time

	Reputation   Reputation
	ReputationAt time.Time

	// Ownership says whether the number is still ours to send from.
	Ownership   Ownership
	OwnershipAt time.Time

	// Change is assigned by the store whenever a fact or the time of one
	// changed.
	Change Change
}

// Ownership says whether the vendor still lets us send from a number. The zero
// value is not an ownership: no event has said it.
type Ownership uint8

const (
	// Assigned numbers are ours.
	Assigned Ownership = 1 + iota
	// Released numbers are not ours any more: they neither open nor continue
	// chats.
	Released
	// Dropped numbers were released, and a later start did not name them in its
	// fleet file. They are like released ones until a fleet file names them
	// again.
	Dropped
)

// IsValid reports whether o is one of the ownerships; the zero value is not.
func (o Ownership) IsValid() bool { return o >= Assigned && o <= Dropped }

// String returns ASSIGNED, RELEASED or DROPPED, "unsaid" for zero, and
// "Ownership(n)" for any other value.
func (o Ownership) String() string {
	switch o {
	case 0:
		return "unsaid"
	case Assigned:
		return "ASSIGNED"
	case Released:
		return "RELEASED"
	case Dropped:
		return "DROPPED"
	}
	return "Ownership(" + strconv.Itoa(int(o)) + ")"
}

// Merge returns what both states say together, and whether a value of s
// changed. Of each fact the later one holds; at the same time the worse one
// does: FLAGGED before ACTIVE, CRITICAL before AT_RISK before HEALTHY, dropped
// before released before assigned. Tenant, number and change number are those
// of s.
//
// FlaggedAt is the later one. RecoveredAt is the earliest time after it at which
// either state says that the line became active: where a flag is told late, an
// activation between it and the last one may be forgotten by then, so that the
// line counts as recovered too late, and never too early.
//
// Merge is commutative, associative and idempotent in the facts and their
// times. It reads no clock. Times are compared as they are: a store cuts them
// to microseconds first.
func (s State) Merge(o State) (merged State, changed bool) {
	merged = s
	merged.FlaggedAt, merged.RecoveredAt = recovery(&s, &o)
	later(&merged.Status, &merged.StatusAt, o.Status, o.StatusAt)
	later(&merged.Reputation, &merged.ReputationAt, o.Reputation, o.ReputationAt)
	later(&merged.Ownership, &merged.OwnershipAt, o.Ownership, o.OwnershipAt)
	return merged, !merged.SameValues(s)
}

// SameValues reports whether both states say the same status, reputation and
// ownership, whatever their times.
func (s State) SameValues(o State) bool {
	return s.Status == o.Status && s.Reputation == o.Reputation && s.Ownership == o.Ownership
}

// SameFacts reports whether both states say the same facts of the same times.
func (s State) SameFacts(o State) bool {
	return s.SameValues(o) && s.StatusAt.Equal(o.StatusAt) && s.ReputationAt.Equal(o.ReputationAt) && s.OwnershipAt.Equal(o.OwnershipAt) &&
		s.FlaggedAt.Equal(o.FlaggedAt) && s.RecoveredAt.Equal(o.RecoveredAt)
}

// recovery returns when a line of which two states are known was last flagged,
// and since when it is active again.
func recovery(states ...*State) (flagged, recovered time.Time) {
	for _, s := range states {
		flagged = latest(flagged, s.FlaggedAt)
		if s.Status == Flagged {
			flagged = latest(flagged, s.StatusAt)
		}
	}
	if flagged.IsZero() {
		return flagged, recovered
	}
	earlier := func(at time.Time) {
		if at.After(flagged) && (recovered.IsZero() || at.Before(recovered)) {
			recovered = at
		}
	}
	for _, s := range states {
		earlier(s.RecoveredAt)
		if s.Status == Active {
			earlier(s.StatusAt)
		}
	}
	return flagged, recovered
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// later puts a fact in the place of another one if it is later, or as late and
// worse. The worse value is the greater one in every enumeration here.
func later[Fact ~uint8](fact *Fact, at *time.Time, other Fact, otherAt time.Time) {
	if other == 0 {
		return
	}
	switch order := otherAt.Compare(*at); {
	case *fact == 0 || order > 0:
		*fact, *at = other, otherAt
	case order == 0:
		*fact = max(*fact, other)
	}
}
