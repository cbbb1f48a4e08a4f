package recipients

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// MaxRecipients is the greatest number of distinct people a message can be for.
const MaxRecipients = 31

// A Set is the people that a message is for: 1 to [MaxRecipients] distinct
// handles in the order of [Handle.Compare]. Only [NewLargeSet] makes larger
// sets. It is immutable, and copies share their members. The zero Set is
// invalid and has no members. Sets are compared with [Set.Equal]; == does not
// compile.
type Set struct {
	_      [0]func()
	shared *people // nil for the zero Set
}

// people is what the copies of a set share: a send carries many of them.
type people struct {
	key     Key
	members []Handle
}

// makePeople returns room for n people, one for a direct chat in one piece.
func makePeople(n int) *people {
	if n != 1 {
		return &people{members: make([]Handle, n)}
	}
	var own struct {
		people
		member [1]Handle
	}
	own.members = own.member[:]
	return &own.people
}

// set returns the set of its members, which are distinct and in order.
func (p *people) set() Set {
	p.key = keyOf(p.members)
	return Set{shared: p}
}

// members returns the members in order, nil for the zero Set.
func (s Set) members() []Handle {
	if s.shared == nil {
		return nil
	}
	return s.shared.members
}

// NewSet returns the set of the given handles, in any order and with any
// repetition. It does not keep the slice. The error matches [ErrEmpty],
// [ErrTooMany] or, for a zero handle, [ErrInvalid].
func NewSet(handles ...Handle) (Set, error) {
	var c collection
	for _, h := range handles {
		if !h.IsValid() {
			return Set{}, fmt.Errorf("%w: the zero Handle cannot be a member", ErrInvalid)
		}
		c.add(h)
	}
	return c.set(MaxRecipients)
}

// IsValid reports whether s has a member: any set but the zero one.
func (s Set) IsValid() bool { return s.shared != nil }

// Len returns the number of members, at least 1; 0 for the zero Set.
func (s Set) Len() int { return len(s.members()) }

// At returns the member at place i, from 0 to Len()-1, and panics outside.
func (s Set) At(i int) Handle { return s.members()[i] }

// All yields the members in order, with their places.
func (s Set) All() iter.Seq2[int, Handle] { return slices.All(s.members()) }

// Key returns the identity of the set. It was computed when the set was made.
func (s Set) Key() Key {
	if s.shared == nil {
		return Key{}
	}
	return s.shared.key
}

// IsGroup reports whether a chat with these people is a group: more than one.
func (s Set) IsGroup() bool { return len(s.members()) > 1 }

// Contains reports whether h is a member.
func (s Set) Contains(h Handle) bool {
	_, found := slices.BinarySearchFunc(s.members(), h, Handle.Compare)
	return found
}

// Equal reports whether both sets have the same members.
func (s Set) Equal(other Set) bool {
	return s.shared == other.shared || slices.Equal(s.members(), other.members())
}

// String returns the members in order, separated by commas, which no handle
// contains. It is personal data: formatted printing and log/slog mask it.
func (s Set) String() string {
	var b strings.Builder
	for i, h := range s.members() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(h.String())
	}
	return b.String()
}

// Format prints the members masked, under every verb, also if the set is part
// of a larger value. [Set.String] returns the full text.
func (s Set) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), s.masked())
}
