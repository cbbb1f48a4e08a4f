package fleet

import (
	"math"
	"slices"

	"github.com/fromline/fromline/recipients"
)

// contest finds the best two of the records it is offered.
type contest struct {
	order          *order
	ask            *question
	first, second  *record
	values, behind Values
}

// offer takes part with a record that the query can be answered with. Offering
// one again changes nothing.
func (c *contest) offer(r *record) {
	if r == c.first || r == c.second {
		return
	}
	v := c.order.values(r, c.ask)
	switch {
	case c.first == nil || c.before(&v, r, &c.values, c.first):
		c.second, c.behind = c.first, c.values
		c.first, c.values = r, v
	case c.second == nil || c.before(&v, r, &c.behind, c.second):
		c.second, c.behind = r, v
	}
}

// before reports whether r, of values v, is preferred to s, of values w: by the
// values, and then by the distance from the query's place on the ring, going up
// and around.
func (c *contest) before(v *Values, r *record, w *Values, s *record) bool {
	if order := v.compare(w); order != 0 {
		return order < 0
	}
	return r.ring-c.ask.ring < s.ring-c.ask.ring
}

// pick returns the outcome.
func (c *contest) pick() (Pick, bool) {
	if c.first == nil {
		return Pick{}, false
	}
	pick := Pick{Line: c.first.line(), Values: c.values}
	if c.second != nil {
		pick.RunnerUp, pick.RunnerUpValues, pick.HasRunnerUp = c.second.line(), c.behind, true
	}
	return pick, true
}

// considers reports whether a record can be picked for the query at all.
func (c *contest) considers(r *record) bool {
	return r.cause == open && r.services.Has(c.ask.Service) && !c.ask.skips(r.number)
}

// table is records in the order of their numbers, picked from by looking at
// every one.
type table []*record

func (t table) find(n recipients.Handle) *record {
	i, found := slices.BinarySearchFunc(t, n, func(r *record, n recipients.Handle) int { return r.number.Compare(n) })
	if !found {
		return nil
	}
	return t[i]
}

func (t table) best(c *contest) {
	for _, r := range t {
		if c.considers(r) {
			c.offer(r)
		}
	}
}

func (t table) passedOver(ask *question) Counts {
	var c Counts
	free := int64(math.MaxInt64)
	for _, r := range t {
		serves := r.services.Has(ask.Service)
		switch {
		case r.cause != open:
			c.add(r.cause, 1)
			if r.cause.isLimit() && serves && !ask.skips(r.number) {
				free = min(free, r.freeAt)
			}
		case !serves:
			c.WrongService++
		case ask.excludes(r.number):
			c.Excluded++
		case ask.Recipients.Contains(r.number):
			c.Recipient++
		default:
			c.Eligible++
		}
	}
	c.NextFree = freeTime(free)
	return c
}

// add counts n lines under a cause that does not depend on the query.
func (c *Counts) add(why cause, n int) {
	switch why {
	case flagged:
		c.Flagged += n
	case ineligible:
		c.Ineligible += n
	case critical:
		c.Critical += n
	case newChatsFull:
		c.NewChatLimit += n
	case messagesFull:
		c.MessageLimit += n
	}
}
