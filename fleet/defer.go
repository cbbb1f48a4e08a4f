package fleet

// This file finds the line for an opening that may wait for the pace of its
// line ([Query.DeferUntil]).

// pick offers to the contest the lines that can open now, and if there are none
// those whose pace lets them soonest.
func (x *index) pick(c *contest) {
	x.best(c)
	c.orWait(waiting{tree: x.waits})
}

func (t table) pick(c *contest) {
	t.best(c)
	c.orWait(waiting{table: t})
}

// waiting is the lines that the pace alone holds back: those of a tree, by
// their slots, or those of a table that do wait.
type waiting struct {
	tree  *node
	table table
}

// orWait finds the lines with the earliest slots, of several with one slot the
// best, if no line can open now.
func (c *contest) orWait(lines waiting) {
	if c.first.record != nil || c.ask.DeferUntil.IsZero() {
		return
	}
	last := rankOfTime(nanos(c.ask.DeferUntil))
	slots := contest{order: c.order, ask: c.ask, bestOnly: c.bestOnly}
	lines.offerSlots(&slots)
	if slots.first.record == nil || slots.first.score > last {
		return
	}
	lines.offerAt(c, slots.first.score)
	if c.bestOnly || c.second.record != nil || slots.second.record == nil || slots.second.score > last {
		return
	}
	c.aside, c.bestOnly = c.first, true // in place: nothing escapes
	c.first = candidate{}
	lines.offerAt(c, slots.second.score)
	c.second = c.first
	c.first, c.bestOnly = c.aside, false
}

// offerSlots offers the lines with their slots for scores.
func (w waiting) offerSlots(c *contest) {
	c.search(w.tree, 0, 0, c.ask.Failover)
	for _, r := range w.table {
		if r.waits && r.services.Has(c.ask.Service) && !c.ask.holds(r) {
			c.offer(candidate{rankOfTime(r.slot()), r.ring(), r})
		}
	}
}

// offerAt offers the lines whose slots have that rank.
func (w waiting) offerAt(c *contest, rank uint64) {
	if w.tree != nil {
		c.offerAt(w.tree, rank)
	}
	for _, r := range w.table {
		if r.waits && rankOfTime(r.slot()) == rank && r.services.Has(c.ask.Service) && !c.ask.holds(r) {
			c.offer(candidate{c.order.score(r, c.ask), r.ring(), r})
		}
	}
}

// offerAt offers the lines of a tree that have that rank.
func (c *contest) offerAt(n *node, rank uint64) {
	for i := range n.entries {
		if e := &n.entries[i]; e.rank == rank && e.record.services.Has(c.ask.Service) && !c.ask.holds(e.record) {
			c.offer(candidate{c.order.score(e.record, c.ask), e.ring, e.record})
		}
	}
	for i := range n.parts {
		if p := &n.parts[i]; p.of(c.ask.Failover).of(c.ask.Service) <= rank {
			c.offerAt(p.node, rank)
		}
	}
}
