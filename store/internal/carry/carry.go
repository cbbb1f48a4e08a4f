package carry

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"

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

// Invalid yields the error of a tenant that cannot be.
func Invalid(err error) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) { yield(store.Item{}, err) }
}

// Wanted leaves out the items of all tenants but one, or none where it is empty.
func Wanted(tenant string, yield func(store.Item, error) bool) func(store.Item, error) bool {
	return func(item store.Item, err error) bool {
		return err == nil && tenant != "" && item.Tenant != tenant || yield(item, err)
	}
}

// OfTenant returns a statement that reads things of all tenants as one that reads
// those of the tenant of which a condition holds. The statement joins the table of
// tenants, the last one of its tables, as t.
func OfTenant(sql, condition string) string {
	before, after, _ := strings.Cut(sql, " AS t ON ")
	before = strings.Replace(before, "CROSS JOIN", "JOIN", 1) // which has all things looked at first
	if on, where, has := strings.Cut(after, "WHERE "); has {
		return before + " AS t ON " + on + "WHERE " + condition + " AND " + where
	}
	return before + " AS t ON " + after + " WHERE " + condition
}
