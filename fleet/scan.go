package fleet

import (
	"math"
	"slices"

	"github.com/fromline/fromline/recipients"
)

// contest finds the best two of the records it is offered.
type contest struct {
	order         *order
	ask           *question
	first, second *record
	score, behind uint64 // theirs
}

// offer takes part with a record that can open chats over the service of the
// query, and returns false where the query skips it. Offering one again changes
// nothing.
func (c *contest) offer(r *record) bool {
	score := c.order.score(r, c.ask)
	if c.second != nil && !c.before(score, r, c.behind, c.second) || r == c.first || r == c.second {
		return true
	}
	if c.ask.skips(r.number) {
		return false
	}
	if c.first == nil || c.before(score, r, c.score, c.first) {
		c.second, c.behind = c.first, c.score
		c.first, c.score = r, score
	} else {
		c.second, c.behind = r, score
	}
	return true
}

// before reports whether r is preferred to s: by the scores, and then by the
// distance from the query's place on the ring, going up and around.
func (c *contest) before(score uint64, r *record, than uint64, s *record) bool {
	return score < than || score == than && r.ring-c.ask.ring < s.ring-c.ask.ring
}

// lost reports whether no line of that score or a greater one can be among the
// best two.
func (c *contest) lost(score uint64) bool { return c.second != nil && score > c.behind }

// pick returns the outcome.
func (c *contest) pick() (pick Pick, ok bool) {
	if c.first == nil {
		return pick, false
	}
	pick.Line, pick.Values = c.first.line(), c.order.values(c.score)
	if c.second != nil {
		pick.RunnerUp, pick.RunnerUpValues, pick.HasRunnerUp = c.second.line(), c.order.values(c.behind), true
	}
	return pick, true
}

// mayOpen reports whether a record can open chats over the service of the query.
func (c *contest) mayOpen(r *record) bool {
	return r.cause == open && r.services.Has(c.ask.Service)
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
		if c.mayOpen(r) {
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
