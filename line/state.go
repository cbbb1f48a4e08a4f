package line

import (
	"strconv"
	"time"

	"github.com/fromline/fromline/recipients"
)

// A Change is a change number. A store numbers changes from 1, in the order in
// which it committed them. Zero comes before all of them.
type Change uint64

// State has what events reported about one line: three facts, each with its own
// time. A store keeps it, and every process that follows the store acts on it.
// It is a plain value.
//
// An event reports one or more facts, and its time is the time of each of them.
// A fact that no event has reported is zero, and so is its time. Stores and
// processes join states only by [State.Merge]. So the state does not depend on
// the order, the number or the grouping of the events.
type State struct {
	Tenant string
	Number recipients.Handle

	Status   Status
	StatusAt time.Time

	// FlaggedAt is the latest time at which an event reported the line as
	// FLAGGED. RecoveredAt is the earliest known later time at which one
	// reported it as ACTIVE. Either is zero if there is none. [State.Merge]
	// computes both; events do not have them.
	FlaggedAt   time.Time
	RecoveredAt time.Time

	Reputation   Reputation
	ReputationAt time.Time

	// Ownership says whether the number is still ours to send from.
	Ownership   Ownership
	OwnershipAt time.Time

	// Change is the number that the store assigns whenever a fact, or the time
	// of a fact, changes.
	Change Change
}

// Ownership says whether the vendor still lets us send from a number. The zero
// value is not an ownership: no event has reported one.
type Ownership uint8

const (
	// Assigned numbers are ours.
	Assigned Ownership = 1 + iota
	// Released numbers are not ours any more: they neither open nor continue
	// chats.
	Released
	// Dropped numbers were released, and the fleet file of a later start did
	// not name them. They are like released ones until a fleet file names them
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

// Merge returns the state that both states give together, and whether a value
// of s changed. Of each fact the later one counts, and of two with the same
// time the worse one: FLAGGED before ACTIVE, CRITICAL before AT_RISK before
// HEALTHY, dropped before released before assigned. Tenant, number and change
// number are those of s.
//
// FlaggedAt is the later one of both states. RecoveredAt is the earliest time
// after it at which either state has the line as active. If a flag is reported
// late, the states may no longer have an activation that followed it. Then
// RecoveredAt is too late, but never too early.
//
// Merge is commutative, associative and idempotent in the facts and their
// times. It reads no clock. It compares times unchanged: a store cuts them to
// microseconds first.
func (s State) Merge(o State) (merged State, changed bool) {
	merged = s
	merged.FlaggedAt, merged.RecoveredAt = recovery(&s, &o)
	later(&merged.Status, &merged.StatusAt, o.Status, o.StatusAt)
	later(&merged.Reputation, &merged.ReputationAt, o.Reputation, o.ReputationAt)
	later(&merged.Ownership, &merged.OwnershipAt, o.Ownership, o.OwnershipAt)
	return merged, !merged.SameValues(s)
}

// SameValues reports whether both states have the same status, reputation and
// ownership, whatever their times.
func (s State) SameValues(o State) bool {
	return s.Status == o.Status && s.Reputation == o.Reputation && s.Ownership == o.Ownership
}

// SameFacts reports whether both states have the same facts with the same
// times.
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
