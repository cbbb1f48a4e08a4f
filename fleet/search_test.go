package fleet

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
)

// A search goes all the way round: from any place it finds the one line that is
// better than all others, also at the end of its way.
func TestSearchGoesAllTheWayRound(t *testing.T) {
	o, err := newOrder(Policy{}, line.Guard{})
	require.NoError(t, err)
	const lines = 500
	var tree *node
	at := func(i, rank uint64) entry {
		return entry{ring: i * (1 << 55), rank: rank, record: &record{digits: 1415_777_0000 + i}}
	}
	for i := range uint64(lines) {
		tree = tree.with(at(i, 1), 1)
	}
	for i := range uint64(lines) {
		best := at(i, 0)
		changed := tree.with(best, 2+i)
		for _, from := range []uint64{best.ring - 1, best.ring, best.ring + 1} {
			for _, bestOnly := range []bool{true, false} {
				c := contest{order: o, ask: &question{ring: from}, bestOnly: bestOnly}
				c.search(changed, 0, 0, false)
				require.True(t, c.first.record == best.record, "%d from %d", i, from)
			}
		}
	}
}

// A search of a tree finds the two lines that a look at every line finds, from
// any place on the ring, its ends and the places of lines among them.
func TestSearchIsAPlainScan(t *testing.T) {
	o, err := newOrder(Policy{}, line.Guard{})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		places := rapid.SampledFrom([]uint64{1, 4, 60, 400}).Draw(t, "places")
		ranks := rapid.SampledFrom([]uint64{1, 3, 50}).Draw(t, "ranks")
		place := func() uint64 {
			at := random.Uint64N(places)
			if random.IntN(2) == 0 {
				return ^at // from the end of the ring
			}
			return at
		}
		var tree *node
		for range 2 * places {
			r := &record{services: line.ServiceSet(random.IntN(1<<services - 1)), held: random.IntN(3) == 0}
			e := entry{ring: place(), rank: random.Uint64N(ranks), record: r}
			if random.IntN(6) == 0 {
				e.rank = closed
			}
			r.digits = 1415_777_0000 + (e.ring+places)%(2*places)
			tree = tree.with(e, 1)
		}
		all := entriesOf(tree)
		for range 20 {
			ask := question{Query: Query{Service: message.Service(random.IntN(services + 1)), Failover: random.IntN(2) == 0}, ring: place()}
			for range random.IntN(4) {
				ask.Excluded = append(ask.Excluded, all[random.IntN(len(all))].record.number())
			}
			ask.Excluded = o.ask(ask.Query).Excluded
			missing := uint64(random.IntN(2)) << 40
			c := contest{order: o, ask: &ask, bestOnly: random.IntN(2) == 0}
			c.search(tree, 0, missing, ask.Failover)

			left := slices.DeleteFunc(slices.Clone(all), func(e entry) bool {
				return e.rank == closed || !e.record.services.Has(ask.Service) || ask.Failover && e.record.held ||
					slices.Contains(ask.Excluded, e.record.number())
			})
			slices.SortFunc(left, func(a, b entry) int {
				return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.ring-ask.ring, b.ring-ask.ring))
			})
			left = append(left, entry{}, entry{})
			require.True(t, left[0].record == c.first.record)
			if !c.bestOnly {
				require.True(t, left[1].record == c.second.record)
			}
			if c.first.record != nil {
				require.Equal(t, left[0].rank|missing, c.first.score)
			}
		}
	})
}
