package fleet

import (
	"cmp"
	"math"
	"slices"

	"github.com/fromline/fromline/recipients"
)

// contest finds the best two of the candidates it is offered, or only the best.
type contest struct {
	order         *order
	ask           *question
	bestOnly      bool
	first, second candidate // zero for none
	aside         candidate // see orWait
}

// candidate is a line that may be picked.
type candidate struct {
	score  uint64
	ring   uint64
	record *record
}

// offer takes part with a candidate that can open chats over the service of the
// query, if the query does not skip it. A line that is offered more than once
// has to come with its least score first; the others change nothing.
func (c *contest) offer(a candidate) {
	if last := c.last(); last.record != nil && !c.before(&a, last) || a.record == c.first.record {
		return
	}
	if c.ask.skips(a.record.digits) || c.ask.required != 0 && !c.order.meets(a.record, c.ask) {
		return
	}
	if c.first.record == nil || c.before(&a, &c.first) {
		c.first, c.second = a, c.first
	} else {
		c.second = a
	}
}

// before reports whether a is preferred to b: by the scores, and then by the
// distance from the query's place on the ring, going up and around.
func (c *contest) before(a, b *candidate) bool {
	return a.score < b.score || a.score == b.score && a.ring-c.ask.ring < b.ring-c.ask.ring
}

// last is the last of those that the contest is about, whom others have to
// beat.
func (c *contest) last() *candidate {
	if c.bestOnly {
		return &c.first
	}
	return &c.second
}

// bound returns a score above which no line can win.
func (c *contest) bound() uint64 {
	last := c.last()
	if last.record == nil {
		return closed
	}
	return last.score
}

// lost reports whether no line of that score or a greater one can win.
func (c *contest) lost(score uint64) bool { return score > c.bound() }

// pick fills in the outcome, and reports whether there is one.
func (c *contest) pick(pick *Pick) bool {
	if c.first.record == nil {
		return false
	}
	pick.Line, pick.Values = c.first.record.line(), c.order.values(c.first.score)
	if c.second.record != nil {
		pick.RunnerUp, pick.RunnerUpValues, pick.HasRunnerUp = c.second.record.line(), c.order.values(c.second.score), true
	}
	return true
}

// table is records in the order of their numbers, picked from by looking at
// every one.
type table []*record

func (t table) find(n recipients.Handle) *record {
	i, found := slices.BinarySearchFunc(t, n.Digits(), func(r *record, n uint64) int { return cmp.Compare(r.digits, n) })
	if !found {
		return nil
	}
	return t[i]
}

func (t table) best(c *contest) {
	for _, r := range t {
		if r.cause == open && !c.lost(r.rank) && r.services.Has(c.ask.Service) && !c.ask.holds(r) { // no score is less than its rank
			c.offer(candidate{c.order.score(r, c.ask), r.ring(), r})
		}
	}
}

func (t table) passedOver(o *order, ask *question) Counts {
	var c Counts
	free := int64(math.MaxInt64)
	for _, r := range t {
		serves := r.services.Has(ask.Service)
		switch {
		case r.cause != open:
			c.add(r.cause, 1)
			if r.cause.isLimit() && serves && o.meets(r, ask) && !ask.skips(r.digits) {
				free = min(free, r.freeFor(ask.Failover))
			}
		case ask.holds(r):
			c.FailoverShare++
			if serves && o.meets(r, ask) && !ask.skips(r.digits) {
				free = min(free, r.heldUntil)
			}
		case !serves:
			c.WrongService++
		case !o.meets(r, ask):
			c.addOther(o.matches[o.unmet(r, ask)].built, 1)
		case ask.excludes(r.digits):
			c.Excluded++
		case ask.Recipients.Contains(r.number()):
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
	case paced:
		c.Pace += n
	case messagesFull:
		c.MessageLimit += n
	}
}

// addOther counts n lines that lack a match that is required.
func (c *Counts) addOther(match builtin, n int) {
	switch match {
	case builtCountry:
		c.OtherCountry += n
	case builtProvince:
		c.OtherProvince += n
	case builtArea:
		c.OtherArea += n
	case builtLabel:
		c.OtherLabel += n
	}
}
