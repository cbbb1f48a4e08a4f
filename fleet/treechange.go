package fleet

import "slices"

// This file changes trees. A change copies the nodes on its way that belong to
// an earlier epoch, and nothing else.

// with returns the tree with an entry put in, in the place of the one that is
// at its place on the ring if there is one.
func (n *node) with(e entry, epoch uint64) *node {
	if n == nil {
		n = newLeaf([]entry{e}, epoch)
		n.held = e.held()
		return n
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

func (n *node) empty() bool { return len(n.entries) == 0 && len(n.parts) == 0 }

// owned returns a node that may change in the epoch: n itself or a copy.
func (n *node) owned(epoch uint64) *node {
	switch {
	case n.epoch == epoch:
		return n
	case n.leaf():
		leaf := newLeaf(n.entries, epoch)
		leaf.held = n.held
		return leaf
	}
	return newBranch(n.parts, epoch)
}

// held is 1 for a line that takes no failovers, and 0 for others.
func (e *entry) held() int32 {
	if e.record.held {
		return 1
	}
	return 0
}

// newLeaf returns a leaf with a copy of the entries, which have their room in
// the node itself: making it is most of what a change costs.
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
			n.held += e.held() - n.entries[i].held()
			n.entries[i] = e
			return nil
		}
		if len(n.entries) < leafRoom {
			n.held += e.held()
			n.entries = slices.Insert(n.entries, i, e)
			return nil
		}
		at := split(i, leafRoom)
		right = newLeaf(n.entries[at:], epoch)
		for i := range right.entries {
			right.held += right.entries[i].held()
		}
		n.held -= right.held
		n.entries = slices.Delete(n.entries, at, leafRoom)
		if i >= at {
			n, i = right, i-at
		}
		n.held += e.held()
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
		n.held -= n.entries[i].held()
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
	if len(n.parts) > 1 {
		n.join(max(i-1, 0), epoch)
	}
}

// join makes one part of a part and the next one, where both have become small.
func (n *node) join(i int, epoch uint64) {
	a, b := n.parts[i].node, n.parts[i+1].node
	if len(a.entries)+len(b.entries) > leafRoom*3/4 || len(a.parts)+len(b.parts) > branchRoom*3/4 {
		return
	}
	a = a.owned(epoch)
	a.entries = append(a.entries, b.entries...)
	a.parts = append(a.parts, b.parts...)
	a.held += b.held
	n.parts[i] = a.part()
	n.parts = slices.Delete(n.parts, i+1, i+2)
}
