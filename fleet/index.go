package fleet

import (
	"math/bits"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// index holds the records of a fleet so that the best two are found without
// looking at the others.
//
// Each line stands in several trees: that of all lines, and a list for every
// combination of labels that a query may ask for and the line matches. Within
// one list all lines match a query alike, as far as the list says, so the order
// of their ranks is the order of the policy. The best line of all matches the
// query in some combination; in the list of that combination no line is before
// it, because one that was would be better. So the best two are among the first
// two of each list that the query names.
//
// A label that all lines have tells nothing, and mostly all have the country,
// or the country and the area: a list that would hold every line is the tree of
// all.
//
// Lines that cannot be picked keep their places in the trees, with a rank that
// no search goes for.
//
// Copies of an index are cheap and do not see later changes. There is one
// writer at a time; copies that were handed out are only read.
type index struct {
	order *order
	epoch uint64 // of what may change; see tree.go
	all   *node
	lists *catalog // but for those that would hold every line
	full  *node    // what only limits hold back, ranked by when they cease to
	waits *node    // what only its pace holds back, ranked by its slot
	spent *node    // what takes no failovers for its share, ranked by when it does

	// common are the labels that every line has, by slot; zero if there is
	// none or was none once.
	common [maxMatches]Label

	// How many lines there are, how many of every cause, and how many of those
	// that can be picked serve each service.
	lines   int32
	causes  [causes]int32
	serving serving

	listsOnly bool // search the lists also if looking at every line is faster
}

func newIndex(o *order) *index { return &index{order: o, epoch: 1} }

// copy returns an index that does not see later changes of x. Only the writer
// may call it.
func (x *index) copy() index {
	c := *x
	x.epoch++
	return c
}

func (x *index) find(n recipients.Handle) *record { return x.all.find(n.Ring()) }

// replace takes old out and puts next in; either may be nil, and both have the
// same number otherwise.
func (x *index) replace(old, next *record) {
	if next != nil {
		x.tellApart(&next.labels)
	}
	x.count(old, -1)
	x.count(next, +1)
	e := entry{rank: closed, record: next}
	if next == nil {
		x.all = x.all.without(old.ring(), x.epoch)
	} else {
		e.ring = next.ring()
		if next.cause == open {
			e.rank = next.rank
		}
		x.all = x.all.with(e, x.epoch)
	}
	for _, p := range x.order.patterns {
		if p.within(&x.common) {
			continue // the list is the tree of all
		}
		was, is := x.order.listOf(p, old), x.order.listOf(p, next)
		if was != 0 && was != is {
			l := x.lists.find(was)
			from := l
			l.serving.count(old, -1)
			l.root = l.root.without(old.ring(), x.epoch)
			x.relist(from, l)
		}
		if is != 0 {
			l := x.lists.find(is)
			from := l
			if was == is {
				l.serving.count(old, -1)
			}
			l.serving.count(next, +1)
			l.root = l.root.with(e, x.epoch)
			x.relist(from, l)
		}
	}
	if old != nil && old.cause.isLimit() {
		x.full = x.full.without(old.ring(), x.epoch)
	}
	if old != nil && old.waits {
		x.waits = x.waits.without(old.ring(), x.epoch)
	}
	if old != nil && old.held {
		x.spent = x.spent.without(old.ring(), x.epoch)
	}
	if next != nil && next.cause.isLimit() {
		x.full = x.full.with(entry{e.ring, rankOfTime(next.freeAt), next}, x.epoch)
	}
	if next != nil && next.waits {
		x.waits = x.waits.with(entry{e.ring, rankOfTime(next.slot()), next}, x.epoch)
	}
	if next != nil && next.held {
		x.spent = x.spent.with(entry{e.ring, rankOfTime(next.heldUntil), next}, x.epoch)
	}
}

// tellApart makes ready for a line with labels that are not those of every
// line: what was the tree of all is a list of its own from now on.
func (x *index) tellApart(labels *[maxMatches]Label) {
	if x.all == nil {
		x.common = *labels
		return
	}
	common := x.common
	for slot := range common {
		if common[slot] != labels[slot] {
			common[slot] = 0
		}
	}
	if common == x.common {
		return
	}
	smaller := x.lists
	x.lists = nil // the larger come first, so that the way to them is short
	for _, p := range x.order.patterns {
		if p.within(&x.common) && !p.within(&common) {
			name := x.order.list(p, &x.common)
			x.relist(list{name: name}, list{name, x.all, x.serving})
		}
	}
	smaller.each(func(l list) { x.relist(list{name: l.name}, l) })
	x.common = common
	x.epoch++ // no change of the one is to reach the other
}

// list returns the list of a pattern for labels that it takes part in, which
// has no tree where it is empty. That of no match is all lines.
func (x *index) list(p pattern, labels *[maxMatches]Label) list {
	for slot := range x.common {
		if p.has(slot) && (x.common[slot] == 0 || x.common[slot] != labels[slot]) {
			return x.lists.find(x.order.list(p, labels))
		}
	}
	return list{root: x.all, serving: x.serving}
}

// relist puts a list in the place of what it was.
func (x *index) relist(was, is list) {
	if was != is {
		x.lists = x.lists.with(is, was.root != nil, x.epoch)
	}
}

// count counts a record n times.
func (x *index) count(r *record, n int32) {
	if r != nil {
		x.lines += n
		x.causes[r.cause] += n
		x.serving.count(r, n)
	}
}

// rankOfTime is a time as a rank, in the same order; that of the unknown time
// is closed. timeOfRank takes it back.
func rankOfTime(nanos int64) uint64 { return uint64(nanos) ^ 1<<63 }
func timeOfRank(rank uint64) int64  { return int64(rank ^ 1<<63) }

// listOf names the list of a pattern in which a record stands, 0 if it
// stands in none: those of matches that it does not take part in, and that of
// no match, which is the tree of all.
func (o *order) listOf(p pattern, r *record) uint64 {
	if r == nil || p == 0 || !p.within(&r.labels) {
		return 0
	}
	return o.list(p, &r.labels)
}

// list names the list of the labels in the slots of a pattern, which is not
// empty. A list is of one place in its country, so their names are exact. A
// host's own labels are hashed, so two lists may share a name: who reads one
// checks the labels.
func (o *order) list(p pattern, labels *[maxMatches]Label) uint64 {
	var name uint64
	for slot := range o.matches {
		if p.has(slot) {
			name = bits.RotateLeft64(name, placeBits) ^ uint64(labels[slot])
		}
	}
	if o.hashes {
		name *= 0x9e3779b97f4a7c15
	}
	return uint64(p)<<(64-maxMatches) | name&(1<<(64-maxMatches)-1)
}

// passedOver counts by state from what the index keeps count of, and looks up
// the numbers of the query.
func (x *index) passedOver(ask *question) Counts {
	var c Counts
	for why := open + 1; why < causes; why++ {
		c.add(why, int(x.causes[why]))
	}
	if ask.Failover {
		c.FailoverShare = int(x.serving.held[0]) // every line serves the zero service
	}
	if ask.Service <= message.SMS {
		c.Eligible = x.serving.of(ask)
	}
	c.WrongService = int(x.causes[open]) - c.FailoverShare - c.Eligible
	if ask.required != 0 {
		var met pattern
		for _, slot := range x.order.inOrder {
			if ask.required.has(slot) {
				met |= 1 << slot
				n := x.matching(met, ask)
				c.addOther(x.order.matches[slot].built, c.Eligible-n)
				c.Eligible = n
			}
		}
	}
	for i, n := range ask.Excluded {
		if (i == 0 || n != ask.Excluded[i-1]) && x.opens(n, ask) {
			c.Excluded++
		}
	}
	for _, n := range ask.Recipients.All() {
		if !ask.excludes(n.Digits()) && x.opens(n, ask) {
			c.Recipient++
		}
	}
	c.Eligible -= c.Excluded + c.Recipient
	c.NextFree = freeTime(x.nextFree(ask))
	return c
}

// matching returns how many lines that can be picked serve what the query asks
// for and match it in the given slots.
func (x *index) matching(slots pattern, ask *question) int {
	o := x.order
	if slots.has(o.area) && slots.has(o.province) {
		if !ask.nested {
			return 0 // the area lies elsewhere
		}
		slots &^= 1 << o.province
	}
	if o.country >= 0 && (slots.has(o.area) || slots.has(o.province)) {
		slots |= 1 << o.country
	}
	if ask.Service > message.SMS {
		return 0
	}
	serving := x.list(slots, &ask.labels).serving
	return serving.of(ask)
}

func (x *index) opens(n recipients.Handle, ask *question) bool {
	r := x.find(n)
	return r != nil && r.cause == open && !ask.holds(r) && r.services.Has(ask.Service) && x.order.meets(r, ask)
}

// nextFree returns when the first line is free that nothing but limits, pace
// and failover share hold back from the query.
func (x *index) nextFree(ask *question) int64 {
	c := contest{order: x.order, ask: ask, bestOnly: true}
	c.search(x.full, 0, 0, ask.Failover)
	if ask.Failover {
		c.search(x.spent, 0, 0, false)
	}
	if c.first.record == nil {
		return unknownTime
	}
	return timeOfRank(c.first.score)
}
