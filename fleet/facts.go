package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
)

// facts are what was learned about a line, as line.State tells it, in less
// room.
type facts struct {
	statusAt, reputationAt, ownershipAt int64 // nanoseconds; of a fact that was said
	flaggedAt, recoveredAt              int64 // nanoseconds, zero for never

	status     line.Status
	reputation line.Reputation
	ownership  line.Ownership
}

// learn merges what a state says into what is known, and reports whether a
// value changed, and whether anything did.
func (f *facts) learn(s line.State) (applied, news bool) {
	known := f.state()
	merged, applied := known.Merge(cutState(s))
	if merged.SameFacts(known) {
		return false, false
	}
	*f = facts{
		nanos(merged.StatusAt), nanos(merged.ReputationAt), nanos(merged.OwnershipAt),
		nanos(merged.FlaggedAt), nanos(merged.RecoveredAt),
		merged.Status, merged.Reputation, merged.Ownership,
	}
	return applied, true
}

// state returns what is known.
func (f *facts) state() line.State {
	s := line.State{Status: f.status, Reputation: f.reputation, Ownership: f.ownership}
	s.FlaggedAt, s.RecoveredAt = instant(f.flaggedAt), instant(f.recoveredAt)
	if s.Status != 0 {
		s.StatusAt = instant(f.statusAt)
	}
	if s.Reputation != 0 {
		s.ReputationAt = instant(f.reputationAt)
	}
	if s.Ownership != 0 {
		s.OwnershipAt = instant(f.ownershipAt)
	}
	return s
}

// changedAt returns when status or reputation last changed, in nanoseconds.
func (f *facts) changedAt() int64 {
	switch {
	case f.reputation == 0:
		return f.statusAt
	case f.status == 0:
		return f.reputationAt
	}
	return max(f.statusAt, f.reputationAt)
}

// isGone reports whether the number was released and not assigned again.
func (f *facts) isGone() bool { return f.ownership == line.Released || f.ownership == line.Dropped }

// cutState returns a state with its times in whole microseconds, as stores keep
// them: or an event would look later than the state that it became.
func cutState(s line.State) line.State {
	s.StatusAt, s.ReputationAt, s.OwnershipAt = micros(s.StatusAt), micros(s.ReputationAt), micros(s.OwnershipAt)
	s.FlaggedAt, s.RecoveredAt = micros(s.FlaggedAt), micros(s.RecoveredAt)
	return s
}

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
