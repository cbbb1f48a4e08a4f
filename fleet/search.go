package fleet

import "github.com/fromline/fromline/message"

// This file answers queries from the trees of an index.

// best offers to the contest what can win it.
func (x *index) best(c *contest) {
	if x.all == nil {
		return
	}
	if x.all.leaf() && !x.listsOnly {
		x.scan(c)
		return
	}
	if x.order.prefersKnown {
		x.offerKnown(c)
	}
	for _, p := range x.order.patterns {
		missing := x.order.missing(p, c.ask) | c.ask.strange
		if p.within(&c.ask.labels) && !c.lost(missing) && x.order.asks(p, c.ask) {
			c.search(x.list(p, &c.ask.labels).root, p, missing, c.ask.Failover)
		}
	}
}

// scan offers all lines of a fleet that is no more than a leaf.
func (x *index) scan(c *contest) {
	for i := range x.all.entries {
		e := &x.all.entries[i]
		if e.rank < closed && !c.lost(e.rank) && e.record.services.Has(c.ask.Service) && !c.ask.holds(e.record) { // no score is less than its rank
			c.offer(candidate{x.order.score(e.record, c.ask), e.ring, e.record})
		}
	}
}

// search is one search of a tree for the two best lines that the query does not
// skip.
type search struct {
	*contest
	takers  bool    // only lines that take failovers
	pattern pattern // what the lines of the tree match
	missing uint64  // what this adds to their ranks
	floor   uint64  // no line that was not looked at yet has a lesser score
	below   uint64  // lines of this score or a greater one are left out
	next    uint64  // the least score that was left out
}

// rounds is how many times a search goes for the least score that is left
// alone, before it goes for all that are good enough. One is mostly enough, and
// two where the best line has its score for itself.
const rounds = 4

// search offers the lines of a tree that can be among the best two: first those
// of the least rank, from the query's place on the ring upwards and around,
// then those of the next one. As the distance on the ring grows on the way, a
// line that only equals what was found before is of no use.
func (c *contest) search(tree *node, p pattern, missing uint64, takers bool) {
	if c.ask.Service > message.SMS {
		return // no line serves it
	}
	leasts := tree.leasts(takers)
	s := search{contest: c, takers: takers, pattern: p, missing: missing, next: leasts.of(c.ask.Service) | missing}
	for round := 1; s.next < c.bound(); round++ {
		s.floor, s.below, s.next = s.next, c.bound(), closed
		if round <= rounds {
			s.below = s.floor + 1
		}
		if !s.walk(tree, c.ask.ring, closed) && c.ask.ring > 0 {
			s.walk(tree, 0, c.ask.ring-1)
		}
	}
}

// walk offers the lines between two places, both included, and reports whether
// nothing better can come.
func (s *search) walk(n *node, from, to uint64) (done bool) {
	if n.leaf() {
		i, _ := n.seek(from)
		for ; i < len(n.entries) && n.entries[i].ring <= to; i++ {
			e := &n.entries[i]
			score := e.rank | s.missing
			if s.takers && n.held > 0 && e.record.held {
				continue
			}
			if score >= s.below {
				s.next = min(s.next, score)
			} else if e.record.services.Has(s.ask.Service) {
				s.offer(candidate{score, e.ring, e.record})
			}
		}
		return s.below <= s.floor
	}
	for i := n.toward(from); i < len(n.parts) && n.parts[i].low <= to; i++ {
		part := &n.parts[i]
		if least := part.of(s.takers).of(s.ask.Service) | s.missing; least >= s.below {
			s.next = min(s.next, least)
		} else if s.walk(part.node, from, to) {
			return true
		}
	}
	return false
}

// offer offers a line. Where the line matches more than the tree says, it was
// offered with its better score before: lists of more matches come first.
func (s *search) offer(a candidate) {
	if s.order.hashes {
		for slot := range s.order.matches {
			if s.pattern.has(slot) && a.record.labels[slot] != s.ask.labels[slot] {
				return
			}
		}
	}
	s.contest.offer(a)
	s.below = min(s.below, s.bound())
}
