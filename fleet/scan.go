package fleet

import (
	"maps"
	"math"
	"slices"

	"github.com/fromline/fromline/recipients"
)

// This file picks by looking at every line, one after the other.

func newTable(o *order, byNumber map[recipients.Handle]*record, at int64, knowsUse bool) *snapshot {
	records := slices.SortedFunc(maps.Values(byNumber), func(a, b *record) int { return a.number.Compare(b.number) })
	return &snapshot{order: o, at: at, records: records, knowsUse: knowsUse}
}

func (s *snapshot) find(n recipients.Handle) *record {
	i, found := slices.BinarySearchFunc(s.records, n, func(r *record, n recipients.Handle) int { return r.number.Compare(n) })
	if !found {
		return nil
	}
	return s.records[i]
}

// best returns the smallest record that the query can be answered with, and the
// one after it; nil where there is none.
func (s *snapshot) best(ask *question) (first, second *record) {
	var a, b Values
	for _, r := range s.records {
		if r.cause != open || !r.services.Has(ask.Service) || ask.skips(r.number) {
			continue
		}
		v := s.order.values(r, ask)
		switch {
		case first == nil || before(&v, r, &a, first, ask):
			first, second = r, first
			a, b = v, a
		case second == nil || before(&v, r, &b, second, ask):
			second, b = r, v
		}
	}
	return first, second
}

// before reports whether r, of values v, is preferred to s, of values w: by the
// values and then by the distance from the query's place on the ring, going up
// and around.
func before(v *Values, r *record, w *Values, s *record, ask *question) bool {
	if c := v.compare(w); c != 0 {
		return c < 0
	}
	return r.ring-ask.ring < s.ring-ask.ring
}

func (s *snapshot) passedOver(ask *question) Counts {
	var c Counts
	free := int64(math.MaxInt64)
	for _, r := range s.records {
		serves := r.services.Has(ask.Service)
		switch {
		case r.cause == flagged:
			c.Flagged++
		case r.cause == ineligible:
			c.Ineligible++
		case r.cause == critical:
			c.Critical++
		case r.cause == newChatsFull:
			c.NewChatLimit++
		case r.cause == messagesFull:
			c.MessageLimit++
		case !serves:
			c.WrongService++
		case ask.excludes(r.number):
			c.Excluded++
		case ask.Recipients.Contains(r.number):
			c.Recipient++
		default:
			c.Eligible++
		}
		if (r.cause == newChatsFull || r.cause == messagesFull) && serves && !ask.skips(r.number) && r.freeAt > 0 {
			free = min(free, r.freeAt)
		}
	}
	if free != math.MaxInt64 {
		c.NextFree = instant(free)
	}
	return c
}
