package store

import (
	"bytes"
	"slices"
	"time"

	"github.com/fromline/fromline/recipients"
)

// Roster is the participants of a chat: our line since the chat was created,
// and the others since they joined. It is an immutable value: copies share
// memory that no code changes, so it is cheap to copy and safe for concurrent
// use. The zero Roster is empty.
type Roster struct {
	set    recipients.Set
	since  moment
	joined *[]moment // by position in set; nil if all joined at since
}

// moment is a time in the form of Micros, in a third of the memory: every send
// has two rosters. It counts microseconds since the zero time.
type moment int64

// zeroTime is the zero time in microseconds since 1970.
const zeroTime = -62_135_596_800_000_000

func momentOf(t time.Time) moment { return moment(t.UnixMicro() - zeroTime) }

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m) + zeroTime).UTC()
}

// NewRoster returns the roster of a chat whose participants all joined when it
// was created.
func NewRoster(set recipients.Set, since time.Time) Roster {
	return Roster{set: set, since: momentOf(since)}
}

// NewRosterJoined returns the roster of a chat that was created at since, and
// whose participants joined at different times: one time for each member of the
// set, in its order. It panics if the lengths differ.
func NewRosterJoined(set recipients.Set, since time.Time, joined []time.Time) Roster {
	if set.Len() != len(joined) {
		panic("store: a roster needs one time for each participant")
	}
	r := NewRoster(set, since)
	different := func(t time.Time) bool { return momentOf(t) != r.since }
	if !slices.ContainsFunc(joined, different) {
		return r
	}
	moments := make([]moment, len(joined))
	for i, t := range joined {
		moments[i] = momentOf(t)
	}
	r.joined = &moments
	return r
}

// Since returns when the chat was created, which is when our line joined it.
func (r Roster) Since() time.Time { return r.since.time() }

// Set returns the participants. It is the zero Set for a chat that all
// participants have left.
func (r Roster) Set() recipients.Set { return r.set }

// Len returns how many participants there are.
func (r Roster) Len() int { return r.set.Len() }

// JoinedAt returns when the participant at position i of the set joined. It
// panics if i is out of range.
func (r Roster) JoinedAt(i int) time.Time {
	if i < 0 || i >= r.set.Len() {
		panic("store: roster index out of range")
	}
	return r.joinedAt(i).time()
}

func (r *Roster) joinedAt(i int) moment {
	if r.joined == nil {
		return r.since
	}
	return (*r.joined)[i]
}

// Equal reports whether both rosters have the same people since the same times,
// and the same creation time.
func (r Roster) Equal(o Roster) bool {
	if r.since != o.since || !r.set.Equal(o.set) {
		return false
	}
	if r.joined == nil && o.joined == nil {
		return true
	}
	for i := range r.set.Len() {
		if r.joinedAt(i) != o.joinedAt(i) {
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

// MoreRecent reports whether a comes before b if the most recently active chat
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
