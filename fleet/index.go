package fleet

import (
	"slices"

	"github.com/tidwall/btree"

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
