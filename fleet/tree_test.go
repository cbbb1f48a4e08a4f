package fleet

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
)

// TestTreeIsASortedMap holds a tree against a map, and against what copies of
// it showed when they were taken.
func TestTreeIsASortedMap(t *testing.T) { rapid.Check(t, treeIsASortedMap) }

// FuzzTreeIsASortedMap lets the fuzzer look for changes that break it.
func FuzzTreeIsASortedMap(f *testing.F) { f.Fuzz(rapid.MakeFuzz(treeIsASortedMap)) }

func treeIsASortedMap(t *rapid.T) {
	places := rapid.SampledFrom([]uint64{1, 10, 100, 1000}).Draw(t, "places")
	inOrder := rapid.Bool().Draw(t, "in order of the ring")
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	var tree *node
	var copies []copyOfTree
	model, epoch := map[uint64]entry{}, uint64(1)
	for range rapid.IntRange(1, 20).Draw(t, "rounds") {
		removals := rapid.SampledFrom([]int{0, 1, 5, 9, 10}).Draw(t, "removals in ten")
		for i := range uint64(rapid.IntRange(0, 200).Draw(t, "changes")) {
			ring := random.Uint64N(places)
			if inOrder {
				ring = i % places
			}
			if random.IntN(10) < removals {
				delete(model, ring)
				tree = tree.without(ring, epoch)
				continue
			}
			e := entry{ring: ring, rank: random.Uint64N(50), record: &record{services: line.ServiceSet(random.IntN((1<<services - 1))), held: random.IntN(9) == 0}}
			if random.IntN(5) == 0 {
				e.rank = closed
			}
			model[ring] = e
			tree = tree.with(e, epoch)
		}
		sameTree(t, model, tree, places)
		copies = append(copies, copyOfTree{tree, maps.Clone(model)})
		epoch++
	}
	for _, c := range copies {
		sameTree(t, c.shows, c.tree, places)
	}
}

type copyOfTree struct {
	tree  *node
	shows map[uint64]entry
}

func sameTree(t *rapid.T, model map[uint64]entry, tree *node, places uint64) {
	var records []*record
	for _, ring := range slices.Sorted(maps.Keys(model)) {
		records = append(records, model[ring].record)
	}
	var found []*record
	tree.each(func(r *record) bool { found = append(found, r); return true })
	require.Equal(t, len(records), len(found))
	for i := range records {
		require.Same(t, records[i], found[i])
	}
	for ring := range places {
		require.True(t, tree.find(ring) == model[ring].record)
	}
	if tree != nil {
		wellFormed(t, tree, true)
	}
}

// wellFormed checks a node, and returns its height.
func wellFormed(t *rapid.T, n *node, root bool) int {
	require.False(t, n.empty())
	require.Equal(t, plainLeasts(n, false), n.leasts(false))
	require.Equal(t, plainLeasts(n, true), n.leasts(true))
	if n.leaf() {
		held := 0
		for i := range n.entries {
			held += int(oneIf(n.entries[i].record.held))
		}
		require.EqualValues(t, held, n.held)
		require.LessOrEqual(t, len(n.entries), leafRoom)
		return 0
	}
	require.Empty(t, n.entries)
	require.LessOrEqual(t, len(n.parts), branchRoom)
	if root {
		require.Greater(t, len(n.parts), 1)
	}
	height := wellFormed(t, n.parts[0].node, false)
	for i, p := range n.parts {
		require.Equal(t, height, wellFormed(t, p.node, false), "all leaves are equally deep")
		require.Equal(t, entriesOf(p.node)[0].ring, p.low, "a branch knows its parts")
		require.Equal(t, plainLeasts(p.node, false), p.least)
		all := entriesOf(p.node)
		require.Equal(t, slices.ContainsFunc(all, func(e entry) bool { return e.record.held }), p.taker != nil)
		require.Equal(t, plainLeasts(p.node, true), *p.of(true))
		if i > 0 {
			require.Less(t, n.parts[i-1].low, p.low)
		}
	}
	return height + 1
}

// entriesOf returns the entries of a tree, from the left to the right.
func entriesOf(n *node) []entry {
	if n == nil {
		return nil
	}
	all := slices.Clone(n.entries)
	for _, p := range n.parts {
		all = append(all, entriesOf(p.node)...)
	}
	return all
}

// plainLeasts looks at every entry of a tree, for every service.
func plainLeasts(n *node, failover bool) leasts {
	l := leasts{closed, closed, closed}
	for _, e := range entriesOf(n) {
		for i := range l {
			if e.record.services.Has(message.Service(i+1)) && !(failover && e.record.held) {
				l[i] = min(l[i], e.rank)
			}
		}
	}
	return l
}

// TestTreesStayShallow fills and empties a tree: what remains must be neither
// much deeper nor emptier than what is built anew.
func TestTreesStayShallow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var tree *node
	for _, ring := range random.Perm(20_000) {
		tree = tree.with(entry{ring: uint64(ring), record: &record{}}, 1)
	}
	require.LessOrEqual(t, height(tree), 6, "20,000 lines, in no order")
	for _, ring := range random.Perm(20_000)[100:] {
		tree = tree.without(uint64(ring), 2)
	}
	require.LessOrEqual(t, height(tree), 3, "100 of them")
	require.LessOrEqual(t, leaves(tree), 25)
	tree = nil
	for ring := range 20_000 {
		tree = tree.with(entry{ring: uint64(ring), record: &record{}}, 1)
	}
	require.LessOrEqual(t, height(tree), 5, "20,000 lines, in the order of the ring")
}

func height(n *node) int {
	if n.leaf() {
		return 0
	}
	return 1 + height(n.parts[0].node)
}

func leaves(n *node) (count int) {
	if n.leaf() {
		return 1
	}
	for _, p := range n.parts {
		count += leaves(p.node)
	}
	return count
}

// TestCatalogIsAMap does for the names of lists what the law of trees does for
// places.
func TestCatalogIsAMap(t *testing.T) { rapid.Check(t, catalogIsAMap) }

func catalogIsAMap(t *rapid.T) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	names := rapid.SampledFrom([]uint64{1, 10, 500}).Draw(t, "names")
	type copyOf struct {
		catalog *catalog
		shows   map[uint64]list
	}
	var c *catalog
	var copies []copyOf
	model, epoch := map[uint64]list{}, uint64(1)
	for range rapid.IntRange(1, 10).Draw(t, "rounds") {
		for range rapid.IntRange(0, 200).Draw(t, "changes") {
			name := 1 + random.Uint64N(names)
			l := list{name, &node{epoch: epoch}, serving{all: [services + 1]int32{random.Int32N(9)}}}
			_, there := model[name]
			if there && random.IntN(2) == 0 {
				l.root = nil
			}
			c = c.with(l, there, epoch)
			if model[name] = l; l.root == nil {
				delete(model, name)
			}
		}
		copies = append(copies, copyOf{c, maps.Clone(model)})
		epoch++
	}
	for _, c := range copies {
		for name := range names {
			want, there := c.shows[name+1]
			if !there {
				want = list{name: name + 1}
			}
			require.True(t, c.catalog.find(name+1) == want)
		}
	}
}

// TestNamesThatBeginAlike stand where all their ways begin alike.
func TestNamesThatBeginAlike(t *testing.T) {
	var names []uint64
	for name := uint64(1); len(names) < 30; name++ {
		if spell(name)%(1<<12) == 7 {
			names = append(names, name)
		}
	}
	var c *catalog
	for i, name := range names {
		c = c.with(list{name: name, root: &node{epoch: uint64(i)}}, false, 1)
	}
	for i, name := range names {
		require.Equal(t, uint64(i), c.find(name).root.epoch)
	}
}
