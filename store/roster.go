package store

import (
	"bytes"
	"slices"
	"time"

	"github.com/fromline/fromline/recipients"
)

// Roster is who takes part in a chat: our line since the chat was created, and
// the others since they joined. It is an immutable value: copies share memory
// that nobody changes, so it is cheap to hand out and safe for concurrent use.
// The zero Roster is empty.
type Roster struct {
	set    recipients.Set
	since  time.Time
	joined []time.Time // by position in set; nil: everybody joined at since
}

// NewRoster returns the roster of a chat that everybody has been in since it
// was created.
func NewRoster(set recipients.Set, since time.Time) Roster {
	return Roster{set: set, since: Micros(since)}
}

// NewRosterJoined returns the roster of a chat that was created at since and
// whose participants joined at different times, one for each member of the set
// in its order. It panics when the lengths differ, which is a mistake of the
// caller.
func NewRosterJoined(set recipients.Set, since time.Time, joined []time.Time) Roster {
	if set.Len() != len(joined) {
		panic("store: a roster needs one time for each participant")
	}
	r := NewRoster(set, since)
	different := func(t time.Time) bool { return !Micros(t).Equal(r.since) }
	if !slices.ContainsFunc(joined, different) {
		return r
	}
	r.joined = make([]time.Time, len(joined))
	for i, t := range joined {
		r.joined[i] = Micros(t)
	}
	return r
}

// Since returns when the chat was created, which is when our line joined it.
func (r Roster) Since() time.Time { return r.since }

// Set returns the participants. It is the zero Set for a chat that everybody
// has left.
func (r Roster) Set() recipients.Set { return r.set }

// Len returns how many participants there are.
func (r Roster) Len() int { return r.set.Len() }

// JoinedAt returns when the participant at position i of the set joined. It
// panics when i is out of range.
func (r Roster) JoinedAt(i int) time.Time {
	if i < 0 || i >= r.set.Len() {
		panic("store: roster index out of range")
	}
	if r.joined == nil {
		return r.since
	}
	return r.joined[i]
}

// Equal says whether both rosters hold the same people since the same times,
// and were created at the same time.
func (r Roster) Equal(o Roster) bool {
	if !r.since.Equal(o.since) || !r.set.Equal(o.set) {
		return false
	}
	for i := range r.set.Len() {
		if !r.JoinedAt(i).Equal(o.JoinedAt(i)) {
			return false
		}
	}
	return true
}

// Micros returns t in UTC, cut to whole microseconds and without a monotonic
// reading: the form in which every store keeps times. The zero time stays zero.
func Micros(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	t = t.UTC().Round(0) // without a monotonic reading
	if finer := t.Nanosecond() % 1000; finer != 0 {
		t = t.Add(-time.Duration(finer))
	}
	return t
}

// MoreRecent says whether a comes before b where the most recently active chat
// is first: the later activity, then the later creation, then the smaller id
// (docs/rules.md §9).
func MoreRecent(a, b Chat) bool { return a.MoreRecentThan(&b) }

// MoreRecentThan is MoreRecent without copies.
func (c *Chat) MoreRecentThan(other *Chat) bool {
	if order := c.ActiveAt.Compare(other.ActiveAt); order != 0 {
		return order > 0
	}
	if order := c.CreatedAt.Compare(other.CreatedAt); order != 0 {
		return order > 0
	}
	return bytes.Compare(c.ID[:], other.ID[:]) < 0
}
