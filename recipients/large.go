package recipients

import (
	"fmt"
	"slices"
)

// NewLargeSet is [NewSet] without the limit of [MaxRecipients]: for the people
// of a chat, which may have more members than a send can name. Up to that limit
// both functions return the same set. Beyond it no request has the key of the
// set, so no request matches it.
func NewLargeSet(handles ...Handle) (Set, error) {
	members := slices.Clone(handles)
	slices.SortFunc(members, Handle.Compare)
	members = slices.Compact(members)
	switch {
	case len(members) == 0:
		return Set{}, fmt.Errorf("%w: give at least one", ErrEmpty)
	case !members[0].IsValid():
		return Set{}, fmt.Errorf("%w: the zero Handle cannot be a member", ErrInvalid)
	}
	return (&people{members: members}).set(), nil
}
