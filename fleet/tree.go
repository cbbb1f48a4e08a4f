package fleet

import (
	"math"
	"slices"

	"github.com/fromline/fromline/message"
)

// This file is the ordered set underneath an index: a B+ tree of lines in the
// order of their places on the ring, in which every branch knows the least rank
// of each of its parts. A line that changes stays at its place, so a change is
// one path down the tree and nothing moves; and the least ranks lead a search
// past all that cannot win.
//
// Trees are copied on write. A node belongs to the epoch in which it was made and
// changes in that epoch only: who hands a tree out goes on to the next one. So a
// copy of a tree is a copy of its root. There is one writer at a time; what was
// handed out is only read.

// How many entries a leaf has at most, and how many parts a branch.
const (
	leafRoom   = 16
	branchRoom = 8
)

// closed is the rank of a line that cannot be picked: greater than all others.
const closed = math.MaxUint64

// entry is one line in a tree.
type entry struct {
	ring   uint64 // the line's place, unique
	rank   uint64
	record *record
}

// node is a leaf, which has entries, or a branch, which has parts. The empty tree
// is nil.
type node struct {
	epoch   uint64
	entries []entry
	parts   []part
}

// part is one node of a branch, with what a search wants to know before it goes
// there.
type part struct {
	low   uint64 // no line of the part has a lower place
	least leasts
	node  *node
}

// leasts are the least ranks of some lines, by the service that they serve.
type leasts [services]uint64

// of returns the least rank of those that serve a service, closed where there is
// none. Any service will do for the zero Service, and every line serves one.
func (l *leasts) of(service message.Service) uint64 {
	if service == 0 {
		return min(l[0], l[1], l[2])
	}
	return l[service-1]
}

// add takes in the lines of others.
func (l *leasts) add(others *leasts) {
	for i, rank := range others {
		l[i] = min(l[i], rank)
	}
}

// include takes in one line, which is looked at only if it may count.
func (l *leasts) include(e *entry) {
	if e.rank >= l[0] && e.rank >= l[1] && e.rank >= l[2] {
		return
	}
	for i := range l {
		if e.record.services.Has(message.Service(i + 1)) {
			l[i] = min(l[i], e.rank)
		}
	}
}

func (n *node) leaf() bool { return n.parts == nil }

// leasts returns the least ranks in a tree.
func (n *node) leasts() leasts {
	l := leasts{closed, closed, closed}
	if n == nil {
		return l
	}
	for i := range n.entries {
		l.include(&n.entries[i])
	}
	for i := range n.parts {
		l.add(&n.parts[i].least)
	}
	return l
}

// part describes a node that is not empty to its branch.
func (n *node) part() part {
	p := part{least: n.leasts(), node: n}
	if n.leaf() {
		p.low = n.entries[0].ring
	} else {
		p.low = n.parts[0].low
	}
	return p
}

// seek returns where the entry of a place is in a leaf, or would be.
func (n *node) seek(ring uint64) (i int, found bool) {
	low, high := 0, len(n.entries)
	for low < high {
		if middle := (low + high) / 2; n.entries[middle].ring < ring {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(n.entries) && n.entries[low].ring == ring
}

// toward returns which part of a branch a place belongs to.
func (n *node) toward(ring uint64) int {
	low, high := 1, len(n.parts)
	for low < high {
		if middle := (low + high) / 2; n.parts[middle].low <= ring {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low - 1
}

// find returns the record of the line at a place, nil where there is none.
func (n *node) find(ring uint64) *record {
	if n == nil {
		return nil
	}
	for !n.leaf() {
		n = n.parts[n.toward(ring)].node
	}
	if i, found := n.seek(ring); found {
		return n.entries[i].record
	}
	return nil
}

// each calls a function with every record until it returns false.
func (n *node) each(yield func(*record) bool) bool {
	if n == nil {
		return true
	}
	for i := range n.entries {
		if !yield(n.entries[i].record) {
			return false
		}
	}
	for i := range n.parts {
		if !n.parts[i].node.each(yield) {
			return false
		}
	}
	return true
}

// with returns the tree with an entry put in, in the place of the one that is
// at its place on the ring if there is one.
func (n *node) with(e entry, epoch uint64) *node {
	if n == nil {
		return newLeaf([]entry{e}, epoch)
	}
	n = n.owned(epoch)
	if right := n.put(e, epoch); right != nil {
		n = newBranch([]part{n.part(), right.part()}, epoch)
	}
	return n
}

// without returns the tree without the entry of a place.
func (n *node) without(ring, epoch uint64) *node {
	if n.find(ring) == nil {
		return n
	}
	n = n.owned(epoch)
	n.take(ring, epoch)
	for len(n.parts) == 1 {
		n = n.parts[0].node
	}
	if n.empty() {
		return nil
	}
	return n
}

func (n *node) empty() bool { return len(n.entries)+len(n.parts) == 0 }

// owned returns a node that may change in the epoch: n itself or a copy.
func (n *node) owned(epoch uint64) *node {
	switch {
	case n.epoch == epoch:
		return n
	case n.leaf():
		return newLeaf(n.entries, epoch)
	}
	return newBranch(n.parts, epoch)
}

// newLeaf returns a leaf with a copy of the entries, which have their room in the
// node itself: making it is most of what a change costs.
func newLeaf(entries []entry, epoch uint64) *node {
	if len(entries) <= leafRoom/4 {
		n := &struct {
			node
			room [leafRoom / 4]entry
		}{node: node{epoch: epoch}}
		n.entries = append(n.room[:0], entries...)
		return &n.node
	}
	n := &struct {
		node
		room [leafRoom]entry
	}{node: node{epoch: epoch}}
	n.entries = append(n.room[:0], entries...)
	return &n.node
}

// newBranch does the same for the parts of a branch.
func newBranch(parts []part, epoch uint64) *node {
	n := &struct {
		node
		room [branchRoom]part
	}{node: node{epoch: epoch}}
	n.parts = append(n.room[:0], parts...)
	return &n.node
}

// put puts an entry into an owned node. Where that overflows it, the node keeps
// the lower places and the rest is returned.
func (n *node) put(e entry, epoch uint64) (right *node) {
	if n.leaf() {
		i, found := n.seek(e.ring)
		if found {
			n.entries[i] = e
			return nil
		}
		if len(n.entries) < leafRoom {
			n.entries = slices.Insert(n.entries, i, e)
			return nil
		}
		at := split(i, leafRoom)
		right = newLeaf(n.entries[at:], epoch)
		n.entries = slices.Delete(n.entries, at, leafRoom)
		if i >= at {
			n, i = right, i-at
		}
		n.entries = slices.Insert(n.entries, i, e)
		return right
	}
	i := n.toward(e.ring)
	below := n.parts[i].node.owned(epoch)
	beside := below.put(e, epoch)
	n.parts[i] = below.part()
	if beside == nil {
		return nil
	}
	i++
	if len(n.parts) < branchRoom {
		n.parts = slices.Insert(n.parts, i, beside.part())
		return nil
	}
	at := split(i, branchRoom)
	right = newBranch(n.parts[at:], epoch)
	n.parts = slices.Delete(n.parts, at, branchRoom)
	if i >= at {
		n, i = right, i-at
	}
	n.parts = slices.Insert(n.parts, i, beside.part())
	return right
}

// split says from where on the elements of a full node go to a new one, when
// another is to come in at i. One that would grow at its end stays full, as it
// does where lines come in the order of the ring.
func split(i, room int) int {
	if i == room {
		return room
	}
	return room / 2
}

// take takes the entry of a place, which is there, out of an owned node.
func (n *node) take(ring, epoch uint64) {
	if n.leaf() {
		i, _ := n.seek(ring)
		n.entries = slices.Delete(n.entries, i, i+1)
		return
	}
	i := n.toward(ring)
	below := n.parts[i].node.owned(epoch)
	below.take(ring, epoch)
	if below.empty() {
		n.parts = slices.Delete(n.parts, i, i+1)
		return
	}
	n.parts[i] = below.part()
	n.join(i, epoch)
	n.join(i-1, epoch)
}

// join makes one part of two neighbours that have become small.
func (n *node) join(i int, epoch uint64) {
	if i < 0 || i+1 >= len(n.parts) {
		return
	}
	a, b := n.parts[i].node, n.parts[i+1].node
	if len(a.entries)+len(b.entries) > leafRoom*3/4 || len(a.parts)+len(b.parts) > branchRoom*3/4 {
		return
	}
	a = a.owned(epoch)
	a.entries = append(a.entries, b.entries...)
	a.parts = append(a.parts, b.parts...)
	n.parts[i] = a.part()
	n.parts = slices.Delete(n.parts, i+1, i+2)
}
