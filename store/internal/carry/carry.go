package carry

import (
	"bytes"
	"context"
	"slices"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Lines yields what a store says of lines, and says whether the caller wants
// more. Change numbers are left out.
func Lines(ctx context.Context, s interface {
	store.UseReader
	store.LineStates
}, yield func(store.Item, error) bool) bool {
	for after := line.Change(0); ; {
		states, last, err := s.LineStates(ctx, after, store.MaxPage)
		if err != nil {
			yield(store.Item{}, err)
			return false
		}
		for i := range states {
			states[i].Change = 0
			if !yield(store.Item{Tenant: states[i].Tenant, State: &states[i]}, nil) {
				return false
			}
		}
		if after = last; len(states) < store.MaxPage {
			break
		}
	}
	for after := line.Change(0); ; {
		uses, last, err := s.LineUse(ctx, after, store.MaxPage)
		if err != nil {
			yield(store.Item{}, err)
			return false
		}
		for i := range uses {
			uses[i].Change = 0
			if !yield(store.Item{Tenant: uses[i].Tenant, Use: &uses[i]}, nil) {
				return false
			}
		}
		if after = last; len(uses) < store.MaxPage {
			return true
		}
	}
}

// Past returns the names that are not those of the people in a set, in their
// order.
func Past(names []recipients.Key, set recipients.Set) ([]recipients.Key, error) {
	present, err := people.Names(set)
	if err != nil {
		return nil, err
	}
	var past []recipients.Key
	for _, name := range names {
		if !slices.Contains(present, name) {
			past = append(past, name)
		}
	}
	Sort(past)
	return past, nil
}

// Sort puts names into the order of their bytes.
func Sort(names []recipients.Key) {
	slices.SortFunc(names, func(a, b recipients.Key) int {
		x, y := a.Bytes(), b.Bytes()
		return bytes.Compare(x[:], y[:])
	})
}

// Names returns the names under which a store of rows lists the people of a chat:
// none for one person alone, who is found by the set.
func Names(c *store.CopiedChat) ([]recipients.Key, error) {
	if Matches(c) && !c.Roster.Set().IsGroup() && len(c.Past) == 0 {
		return nil, nil
	}
	present, err := people.Names(c.Roster.Set())
	return append(present, c.Past...), err
}

// Matches says whether look-ups find a chat, so that it is one of a set.
func Matches(c *store.CopiedChat) bool { return !c.LineLeft && c.Roster.Len() > 0 }
