package fleet

import (
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// This file answers queries from the lists of an index.

// best offers to the contest what can win it.
func (x *index) best(c *contest) {
	if x.records.Len() <= x.scanTo {
		x.records.Scan(func(_ uint64, r *record) bool {
			c.look(r)
			return true
		})
		return
	}
	for set := range ServiceSet(serviceSets) {
		if x.counts[set][open] == 0 || !set.Has(c.ask.Service) {
			continue
		}
		for _, p := range x.order.patterns {
			if p.within(&c.ask.labels) {
				x.lead(c, x.order.list(set, p, &c.ask.labels), p)
			}
		}
	}
	c.first.line, _ = x.records.Get(c.first.digits)
	c.second.line, _ = x.records.Get(c.second.digits)
}

// crowd is the number of lines of one rank up to which all are offered, which
// needs no other search for those that are next on the ring.
const crowd = 8

// lead offers lines of a list until the best two of those that the query does
// not skip are among them, or the others are too bad for the contest.
func (x *index) lead(c *contest, list uint64, p pattern) {
	admitted := 0
	for from, more := (entry{list: list}), !c.lost(x.order.least(0, p, c.ask)); more; {
		var rank uint64
		here, before := 0, admitted // lines of the rank seen, and admitted before it
		more = false                // until a crowd is met
		x.lists.Ascend(from, func(e entry) bool {
			if e.list != list {
				return false
			}
			if here == 0 || e.rank != rank {
				if admitted >= 2 || c.lost(x.order.least(e.rank, p, c.ask)) {
					return false
				}
				rank, here, before = e.rank, 0, admitted
			}
			if here++; here > crowd {
				more = true
				return false
			}
			if x.offer(c, &e, p) {
				admitted++
			}
			return true
		})
		if more {
			admitted, from, more = x.around(c, list, rank, p)
			admitted += before
			more = more && admitted < 2
		}
	}
}

// around offers the first two lines of one rank that the query does not skip,
// counted from the query's place on the ring, upwards and around. It returns how
// many there were, and the first entry of the next rank if it met one.
func (x *index) around(c *contest, list, rank uint64, p pattern) (admitted int, next entry, more bool) {
	x.lists.Ascend(entry{list: list, rank: rank, ring: c.ask.ring}, func(e entry) bool {
		if e.list != list || e.rank != rank {
			next, more = e, e.list == list
			return false
		}
		if x.offer(c, &e, p) {
			admitted++
		}
		return admitted < 2
	})
	if admitted < 2 {
		x.lists.Ascend(entry{list: list, rank: rank}, func(e entry) bool {
			if e.list != list || e.rank != rank || e.ring >= c.ask.ring {
				return false
			}
			if x.offer(c, &e, p) {
				admitted++
			}
			return admitted < 2
		})
	}
	return admitted, next, more
}

// offer offers the line of an entry in a list of the pattern. Where the line
// matches more than the list says, it was offered with its better score before:
// lists of more matches come first.
func (x *index) offer(c *contest, e *entry, p pattern) bool {
	if x.order.hashes {
		r, _ := x.records.Get(e.digits)
		for slot := range x.order.matches {
			if p.has(slot) && r.labels[slot] != c.ask.labels[slot] {
				return false
			}
		}
	}
	return c.offer(candidate{score: x.order.least(e.rank, p, c.ask), ring: e.ring, digits: e.digits})
}

// passedOver counts by state from what the index keeps count of, and looks up
// the numbers of the query.
func (x *index) passedOver(ask *question) Counts {
	var c Counts
	for set := range ServiceSet(serviceSets) {
		counts := &x.counts[set]
		for why := open + 1; why < causes; why++ {
			c.add(why, int(counts[why]))
		}
		if set.Has(ask.Service) {
			c.Eligible += int(counts[open])
		} else {
			c.WrongService += int(counts[open])
		}
	}
	for i, n := range ask.Excluded {
		if (i == 0 || n != ask.Excluded[i-1]) && x.opens(n, ask.Service) {
			c.Excluded++
		}
	}
	for _, n := range ask.Recipients.All() {
		if !ask.excludes(n) && x.opens(n, ask.Service) {
			c.Recipient++
		}
	}
	c.Eligible -= c.Excluded + c.Recipient
	c.NextFree = freeTime(x.nextFree(ask))
	return c
}

func (x *index) opens(n recipients.Handle, service message.Service) bool {
	r := x.find(n)
	return r != nil && r.cause == open && r.services.Has(service)
}

// nextFree returns when the first line is free that nothing but limits holds
// back from the query.
func (x *index) nextFree(ask *question) int64 {
	free := int64(unknownTime)
	for set := range ServiceSet(serviceSets) {
		if x.counts[set][newChatsFull]+x.counts[set][messagesFull] == 0 || !set.Has(ask.Service) {
			continue
		}
		list := listOfFull(set)
		x.lists.Ascend(entry{list: list}, func(e entry) bool {
			if e.list != list {
				return false
			}
			if ask.skips(phone(e.digits)) {
				return true
			}
			free = min(free, int64(e.rank))
			return false
		})
	}
	return free
}
