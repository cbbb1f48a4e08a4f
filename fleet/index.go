package fleet

import (
	"slices"

	"github.com/tidwall/btree"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// index holds the records of a fleet so that the best two are found without
// looking at the others.
//
// All lines that can open chats stand in sorted lists: one for every service set
// and every combination of labels that a query may ask for, in the order of rank
// and then of ring place. Within one list all lines match a query alike, as far
// as the list says, so its order is the order of the policy. The best line of
// all matches the query in some combination; in the list of that combination no
// line stands before it, because one that did would be better. So the best two
// are among the first two of each list that the query names.
//
// One copy-on-write tree holds all lists, keyed by list first. Copies of an
// index are cheap and do not see later changes. There is one writer at a time;
// copies that were handed out are only read.
type index struct {
	order   *order
	records *btree.Map[uint64, *record] // by digits
	lists   *btree.BTreeG[entry]
	counts  [serviceSets][causes]int32
	scanTo  int // up to so many lines, looking at each is faster
}

// scanTo is the measured value of index.scanTo.
const scanTo = 30

// degree keeps the nodes of the tree small: a pick cares little, and a change
// copies a node of every level for every list it touches.
const degree = 16

// entry is the place of one line in one list. It holds no pointer, so that
// copies of the tree cost the garbage collector nothing.
type entry struct {
	list   uint64
	rank   uint64 // in a list of full lines: when the line is free
	ring   uint64
	digits uint64
}

func (a entry) less(b entry) bool {
	if a.list != b.list {
		return a.list < b.list
	}
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.ring < b.ring
}

func newIndex(o *order) *index {
	return &index{
		order:   o,
		records: new(btree.Map[uint64, *record]),
		lists:   btree.NewBTreeGOptions(entry.less, btree.Options{NoLocks: true, Degree: degree}),
		scanTo:  scanTo,
	}
}

// copy returns an index that does not see later changes of x. Only the writer
// may call it.
func (x *index) copy() index {
	c := *x
	c.records, c.lists = x.records.Copy(), x.lists.Copy()
	return c
}

func (x *index) find(n recipients.Handle) *record {
	r, _ := x.records.Get(n.Digits())
	return r
}

// replace takes old out and puts next in; either may be nil, and both have the
// same number otherwise.
func (x *index) replace(old, next *record) {
	var space [2 * maxPatterns]entry
	outdated := x.entries(space[:0], old)
	entries := x.entries(outdated[len(outdated):], next)
	if !slices.Equal(outdated, entries) {
		for _, e := range outdated {
			x.lists.Delete(e)
		}
		for _, e := range entries {
			x.lists.Set(e)
		}
	}
	if old != nil {
		x.counts[old.services][old.cause]--
	}
	if next != nil {
		x.counts[next.services][next.cause]++
		x.records.Set(next.digits, next)
	} else if old != nil {
		x.records.Delete(old.digits)
	}
}

// maxPatterns is how many combinations of matches a policy can have: nothing,
// country, and country and area, each with and without the host's own two.
const maxPatterns = 3 << maxOwnMatches

// entries appends where a record stands: in the lists of all its labels where it
// can open chats, in that of its service set where only limits hold it back,
// nowhere otherwise. The same labels give the same lists in the same order.
func (x *index) entries(list []entry, r *record) []entry {
	switch {
	case r == nil:
	case r.cause == open:
		for _, p := range x.order.patterns {
			if p.within(&r.labels) {
				list = append(list, entry{x.order.list(r.services, p, &r.labels), r.rank, r.number().RingPlace(), r.digits})
			}
		}
	case r.cause.isLimit():
		list = append(list, entry{listOfFull(r.services), uint64(r.freeAt), r.number().RingPlace(), r.digits})
	}
	return list
}

// list names the list of a service set and of the labels in the slots of a
// pattern. Calling and area codes have less than four digits, so their names are
// exact. A host's own labels are hashed, so two lists may share a name: who reads
// one checks the labels.
func (o *order) list(set ServiceSet, p pattern, labels *[maxMatches]Label) uint64 {
	var name uint64
	for slot := range o.matches {
		if p.has(slot) {
			name = (name<<10 | name>>54) ^ uint64(labels[slot])
		}
	}
	if o.hashes {
		name *= 0x9e3779b97f4a7c15
	}
	return uint64(set)<<60 | uint64(p)<<56 | name&(1<<56-1)
}

// listOfFull names the list of lines that only limits hold back.
func listOfFull(set ServiceSet) uint64 { return 1<<63 | uint64(set)<<60 }

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
