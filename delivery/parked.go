package delivery

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Selection says which parked deliveries are meant: those that are parked for a
// reason, those that would go out from a line, or those of which both is true.
// The zero Selection means all.
type Selection struct {
	Why  store.ParkReason  // 0: any reason
	Line recipients.Handle // the zero Handle: any line
}

// Has reports whether a parked delivery is meant.
func (s Selection) Has(p *store.ParkedDelivery) bool {
	return (s.Why == 0 || p.Why == s.Why) && (!s.Line.IsValid() || p.Delivery.From == s.Line)
}

// EachParked yields the parked deliveries of a tenant that are meant, ordered by
// message id. It reads them a page at a time: what is parked or settled meanwhile
// may come or not. The first error is the last that it yields. Callers may be
// concurrent.
func EachParked(ctx context.Context, outbox store.Outbox, tenant string, which Selection) iter.Seq2[store.ParkedDelivery, error] {
	return func(yield func(store.ParkedDelivery, error) bool) {
		for after, more := uuid.Nil, true; more; more = after != uuid.Nil {
			page, next, err := outbox.Parked(ctx, tenant, after, 0)
			if err != nil {
				yield(store.ParkedDelivery{}, err)
				return
			}
			for i := range page {
				if which.Has(&page[i]) && !yield(page[i], nil) {
					return
				}
			}
			after = next
		}
	}
}

// Remedy is what an operator does about a parked delivery.
type Remedy uint8

// The remedies.
const (
	// Release: it is tried again, with its attempts counted anew.
	Release Remedy = 1 + iota
	// Reroute: it is decided again, and never goes out from its line.
	Reroute
	// Drop: it leaves the outbox and is not sent. The record of its decision stays.
	Drop
)

var remedies = [...]struct{ name, done string }{
	Release: {"release", "released"}, Reroute: {"reroute", "to be rerouted"}, Drop: {"drop", "dropped"},
}

// IsValid reports whether r is one of the remedies.
func (r Remedy) IsValid() bool { return 0 < r && int(r) < len(remedies) }

// String returns release, reroute or drop.
func (r Remedy) String() string {
	if r.IsValid() {
		return remedies[r].name
	}
	return fmt.Sprintf("remedy(%d)", uint8(r))
}

// Done says in words what a remedy did: "released", "to be rerouted" or "dropped".
// What is to be rerouted goes another way when a dispatcher gets to it.
func (r Remedy) Done() string {
	if r.IsValid() {
		return remedies[r].done
	}
	return r.String()
}

// ParseRemedy reads what String returns.
func ParseRemedy(s string) (Remedy, error) {
	for i, known := range remedies {
		if i > 0 && s == known.name {
			return Remedy(i), nil
		}
	}
	return 0, fmt.Errorf("delivery: %q is no remedy: it is release, reroute or drop", s)
}

// One does it to one parked delivery, in one atomic step. The error wraps
// store.ErrNoRecord where no parked delivery has that message id. A dispatcher
// that runs in this process finds it at its next poll, or at once where it is woken
// (Dispatcher.Wake).
func (r Remedy) One(ctx context.Context, outbox store.Outbox, tenant string, messageID uuid.UUID) error {
	switch r {
	case Release, Reroute:
		return outbox.Release(ctx, tenant, messageID, r == Reroute)
	case Drop:
		return outbox.Drop(ctx, tenant, messageID)
	}
	return fmt.Errorf("delivery: %v: %w", r, store.ErrInvalid)
}

// All does it to all parked deliveries of a tenant that are meant, the one decided
// first before the others, and returns to how many. Each is a step of its own: what
// an error or the end of the context leaves is done by calling it again. What is
// not parked any more when its turn comes is passed over. It keeps 40 bytes in
// memory for each.
func (r Remedy) All(ctx context.Context, outbox store.Outbox, tenant string, which Selection) (done int, err error) {
	if !r.IsValid() {
		return 0, fmt.Errorf("delivery: %v: %w", r, store.ErrInvalid)
	}
	type found struct {
		at time.Time
		id uuid.UUID
	}
	var all []found
	for p, err := range EachParked(ctx, outbox, tenant, which) {
		if err != nil {
			return 0, err
		}
		all = append(all, found{p.At, p.Delivery.MessageID})
	}
	// Those of one chat are handed over in the order of their commits only if an
	// earlier one is there when a later one is claimed.
	slices.SortStableFunc(all, func(a, b found) int { return a.at.Compare(b.at) })
	for _, one := range all {
		switch err := r.One(ctx, outbox, tenant, one.id); {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrNoRecord):
			return done, err
		}
	}
	return done, nil
}
