package carry

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Lines yields the states and the use of all lines, without change numbers. It
// reports whether the caller wants more: false after an error.
func Lines(ctx context.Context, s interface {
	store.UseReader
	store.LineStates
}, yield func(store.Item, error) bool) bool {
	return LinePages(ctx, sound(s.LineStates), sound(s.LineUse), yield)
}

// Page reads a page of states or uses of lines, and calls bad with the error of
// each row that cannot be read.
type Page[T any] func(ctx context.Context, after line.Change, limit int, bad func(*store.UnreadableError)) ([]T, line.Change, error)

func sound[T any](read func(context.Context, line.Change, int) ([]T, line.Change, error)) Page[T] {
	return func(ctx context.Context, after line.Change, limit int, _ func(*store.UnreadableError)) ([]T, line.Change, error) {
		return read(ctx, after, limit)
	}
}

// LinePages is Lines for a store with rows that it cannot read: it yields the
// error of each.
func LinePages(ctx context.Context, states Page[line.State], uses Page[line.Use], yield func(store.Item, error) bool) bool {
	return pages(ctx, states, yield, func(s *line.State) store.Item {
		s.Change = 0
		return store.Item{Tenant: s.Tenant, State: s}
	}) && pages(ctx, uses, yield, func(u *line.Use) store.Item {
		u.Change = 0
		return store.Item{Tenant: u.Tenant, Use: u}
	})
}

func pages[T any](ctx context.Context, read Page[T], yield func(store.Item, error) bool, item func(*T) store.Item) bool {
	for after := line.Change(0); ; {
		var bads []*store.UnreadableError
		page, last, err := read(ctx, after, store.MaxPage, func(e *store.UnreadableError) { bads = append(bads, e) })
		if err != nil {
			yield(store.Item{}, err)
			return false
		}
		for _, bad := range bads {
			if !yield(store.Item{Tenant: bad.Row.Tenant}, bad) {
				return false
			}
		}
		for i := range page {
			if !yield(item(&page[i]), nil) {
				return false
			}
		}
		if after = last; len(page) < store.MaxPage {
			return true
		}
	}
}

// Past returns the names that belong to no member of a set, sorted by their
// bytes.
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

// Sort sorts names by their bytes.
func Sort(names []recipients.Key) { slices.SortFunc(names, Compare) }

// Compare compares the bytes of two names.
func Compare(a, b recipients.Key) int {
	x, y := a.Bytes(), b.Bytes()
	return bytes.Compare(x[:], y[:])
}

// Names returns the names under which a store lists the people of a chat. A
// direct chat that always was one has no such names: its set finds it.
func Names(c *store.CopiedChat) ([]recipients.Key, error) {
	if Matches(c) && !c.Roster.Set().IsGroup() && len(c.Past) == 0 {
		return nil, nil
	}
	present, err := people.Names(c.Roster.Set())
	return append(present, c.Past...), err
}

// Matches reports whether look-ups find a chat, so that it is one of a set.
func Matches(c *store.CopiedChat) bool { return !c.LineLeft && c.Roster.Len() > 0 }

// Invalid yields the error of an invalid tenant.
func Invalid(err error) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) { yield(store.Item{}, err) }
}

// Wanted returns a yield that passes on only the items of one tenant, and the
// errors about its rows. The empty tenant passes on everything.
func Wanted(tenant string, yield func(store.Item, error) bool) func(store.Item, error) bool {
	return func(item store.Item, err error) bool {
		return tenant != "" && item.Tenant != "" && item.Tenant != tenant || yield(item, err)
	}
}

// Unreadable returns an error with its item: for an error about a row that
// cannot be read an item with the tenant only, otherwise none.
func Unreadable(err error) (store.Item, error) {
	if bad, is := errors.AsType[*store.UnreadableError](err); is {
		return store.Item{Tenant: bad.Row.Tenant}, err
	}
	return store.Item{}, err
}

// IsUnreadable reports whether an error is about a row that cannot be read.
func IsUnreadable(err error) bool { return errors.Is(err, store.ErrUnreadable) }

// OfTenant changes a statement that reads the things of all tenants into one
// that reads those of the tenants for which a condition holds. The statement
// joins the table of tenants last, as t.
func OfTenant(sql, condition string) string {
	before, after, _ := strings.Cut(sql, " AS t ON ")
	before = strings.Replace(before, "CROSS JOIN", "JOIN", 1) // a CROSS JOIN reads all things first
	if on, where, has := strings.Cut(after, "WHERE "); has {
		return before + " AS t ON " + on + "WHERE " + condition + " AND " + where
	}
	return before + " AS t ON " + after + " WHERE " + condition
}
