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

// A Selection selects parked deliveries: by the reason, by their line, or by
// both. The zero Selection selects all. It is a plain value.
type Selection struct {
	Why  store.ParkReason  // 0: any reason
	Line recipients.Handle // the zero Handle: any line
}

// Has reports whether the selection includes a parked delivery.
func (s Selection) Has(p *store.ParkedDelivery) bool {
	return (s.Why == 0 || p.Why == s.Why) && (!s.Line.IsValid() || p.Delivery.From == s.Line)
}

// EachParked yields the selected parked deliveries of a tenant, ordered by
// message id. It reads them page by page, so it may or may not yield a delivery
// that another call parks, releases or drops meanwhile. It ends after the first
// error. It is safe for concurrent use.
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

// A Remedy is what an operator does with a parked delivery. Its methods are
// safe for concurrent use.
type Remedy uint8

// The remedies.
const (
	// Release: the dispatcher tries it again, with attempts counted from zero.
	Release Remedy = 1 + iota
	// Reroute: the Router decides it again, and it never goes out from its
	// line.
	Reroute
	// Drop: it is removed from the outbox and never sent. The record of its
	// decision stays.
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

// Done returns in words what the remedy did: "released", "to be rerouted" or
// "dropped". A dispatcher reroutes the message when it gets to it.
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
	return 0, fmt.Errorf("delivery: %q is no remedy: give release, reroute or drop", s)
}

// One applies the remedy to one parked delivery, in one atomic step. The error
// wraps store.ErrNoRecord where no parked delivery has that message id. A
// Dispatcher of this process finds the delivery at its next poll, or at once
// after [Dispatcher.Wake].
func (r Remedy) One(ctx context.Context, outbox store.Outbox, tenant string, messageID uuid.UUID) error {
	switch r {
	case Release, Reroute:
		return outbox.Release(ctx, tenant, messageID, r == Reroute)
	case Drop:
		return outbox.Drop(ctx, tenant, messageID)
	}
	return fmt.Errorf("delivery: %v: %w", r, store.ErrInvalid)
}

// All applies the remedy to the selected parked deliveries of a tenant, the
// earliest decision first, and returns how many deliveries it changed. Each
// delivery is a step of its own: after an error or the end of the context, call
// All again for the rest. All skips a delivery that is no longer parked when
// its turn comes. It takes 40 bytes of memory for each delivery.
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
