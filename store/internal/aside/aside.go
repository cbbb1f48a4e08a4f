// Package aside remembers the rows that a store could not read, for
// store.Damaged.
//
// # What this package does not do
//
// It does not look for such rows, and forgets none while the process runs.
package aside

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// maxCounted is the largest number of rows that a store remembers: it bounds
// the memory.
const maxCounted = 10_000

// Rows are unreadable rows. The zero value is ready for use. It is safe for
// concurrent use.
type Rows struct {
	mu   sync.Mutex
	seen map[row]store.Unreadable
}

type row struct{ kind, tenant, id string }

// Add remembers a row that could not be read. It returns the error for a call
// that needs the row.
func (r *Rows) Add(kind, tenant, id string, err error) *store.UnreadableError {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[row]store.Unreadable{}
	}
	u := store.Unreadable{Kind: kind, Tenant: tenant, ID: id, Newer: Newer(err), Err: err}
	if at := (row{kind, tenant, id}); len(r.seen) < maxCounted {
		r.seen[at] = u
	}
	return &store.UnreadableError{Row: u}
}

// Newer reports whether an error means that a later release wrote the row.
func Newer(err error) bool { return errors.Is(err, packed.ErrNewer) }

// Unreadable returns what store.Damaged says, without the rows above
// maxCounted.
func (r *Rows) Unreadable() (rows []store.Unreadable, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range r.seen {
		rows = append(rows, u)
	}
	slices.SortFunc(rows, func(a, b store.Unreadable) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ID, b.ID))
	})
	return rows[:min(len(rows), store.MaxUnreadable)], len(rows)
}
