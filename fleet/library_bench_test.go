package fleet

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidwall/btree"
)

// libraryKey is the key of a line in an ordered set of the library, which finds
// the least rank only by having it in front.
type libraryKey struct {
	rank, ring uint64
	record     *record
}

func (a libraryKey) less(b libraryKey) bool {
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.ring < b.ring
}

// BenchmarkOrderedSet compares the tree of this package with the ordered set of
// tidwall/btree: one change of a line's rank and a copy that does not see the
// next change, and the first line of the least rank at or after a place.
func BenchmarkOrderedSet(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		random := rand.New(rand.NewPCG(benchSeed, uint64(n)))
		entries := make([]entry, n)
		for i := range entries {
			entries[i] = entry{ring: random.Uint64(), rank: random.Uint64N(20), record: &record{digits: madeNumber(i).Digits()}}
		}
		var tree *node
		set := btree.NewBTreeGOptions(libraryKey.less, btree.Options{NoLocks: true})
		for _, e := range entries {
			tree = tree.with(e, 1)
			set.Set(libraryKey{e.rank, e.ring, e.record})
		}
		places := make([]uint64, 4096)
		for i := range places {
			places[i] = random.Uint64()
		}
		b.Run(fmt.Sprintf("lines=%d/op=best/of=tree", n), func(b *testing.B) {
			defer measure(b)()
			q := Query{}
			for i := 0; b.Loop(); i++ {
				ask := question{Query: q, ring: places[i%len(places)]}
				c := contest{order: &order{}, ask: &ask, bestOnly: true}
				c.search(tree, 0, 0, false)
			}
		})
		b.Run(fmt.Sprintf("lines=%d/op=best/of=library", n), func(b *testing.B) {
			defer measure(b)()
			for i := 0; b.Loop(); i++ {
				first, _ := set.Min()
				found := libraryKey{}
				set.Ascend(libraryKey{rank: first.rank, ring: places[i%len(places)]}, func(k libraryKey) bool { found = k; return false })
				if found.rank != first.rank { // around
					found = first
				}
			}
		})
		b.Run(fmt.Sprintf("lines=%d/op=change/of=tree", n), func(b *testing.B) {
			defer measure(b)()
			for i := 0; b.Loop(); i++ {
				e := &entries[i*7919%n]
				e.rank ^= 1
				tree = tree.with(*e, uint64(i+2))
			}
		})
		for i := range entries { // as they were for the set
			k := libraryKey{entries[i].rank, entries[i].ring, entries[i].record}
			set.Delete(libraryKey{k.rank ^ 1, k.ring, nil})
			set.Set(k)
		}
		b.Run(fmt.Sprintf("lines=%d/op=change/of=library", n), func(b *testing.B) {
			defer measure(b)()
			for i := 0; b.Loop(); i++ {
				e := &entries[i*7919%n]
				set.Delete(libraryKey{e.rank, e.ring, nil})
				e.rank ^= 1
				set.Set(libraryKey{e.rank, e.ring, e.record})
				_ = set.Copy()
			}
		})
	}
}
