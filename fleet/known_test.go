package fleet

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// knowing is the policy with known lines at the recommended place.
var knowing = Policy{Criteria: []Criterion{ByReputation(), ByCountry(), ByKnown(), ByUse(), ByArea(), ByProvince(), ByFewest()}}

// What is said of known lines counts in any order and however often it is said, and
// where nothing is said the policy is that without the criterion.
func TestKnownLinesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfNDistinct(rapid.Custom(drawLine), 0, 40, func(l line.Line) recipients.Handle { return l.Number }).Draw(t, "lines")
		for i := range lines {
			lines[i].Guard = nil
		}
		view := byHand(t, lines, ViewOptions{Policy: knowing, At: epoch})
		q := drawQuery(t)
		pick, ok := view.Best(q)
		said := slices.Clone(q.Known)
		if len(said) > 0 {
			said = append(said, rapid.SampledFrom(said).Draw(t, "again"))
		}
		q.Known = rapid.Permutation(said).Draw(t, "said")
		again, found := view.Best(q)
		require.Equal(t, ok, found)
		require.Equal(t, pick, again)

		q.Known = nil
		pick, _ = view.Best(q)
		plain, _ := byHand(t, lines, ViewOptions{At: epoch}).Best(q)
		require.Equal(t, plain.Line, pick.Line)
		require.Equal(t, plain.RunnerUp, pick.RunnerUp)
	})
}

// Among many lines, where trees are deep, the index finds what a look at every line
// does, and what comes after it.
func TestKnownLinesAmongMany(t *testing.T) {
	const seed = 20261128
	random := rand.New(rand.NewPCG(seed, 1))
	lines, queries := situation{lines: 3_000, contacts: 40, people: 4}.world()
	o, err := newOrder(knowing, line.Guard{})
	require.NoError(t, err)
	x := newIndex(o)
	for _, l := range lines {
		x.replace(nil, o.newRecord(l, o.bounds(&l, nanos(epoch)), nanos(epoch), slots{}))
	}
	index, table := View{&snapshot{order: o, at: nanos(epoch), index: x.copy()}}, byHand(t, lines, ViewOptions{Policy: knowing, At: epoch})
	require.True(t, index.PrefersKnown())
	for _, q := range queries {
		for range random.IntN(33) {
			q.Known = append(q.Known, Known{lines[random.IntN(len(lines))].Number, random.IntN(5)})
		}
		for range 40 { // down to lines that nobody knows
			expected, found := table.Best(q)
			pick, ok := index.Best(q)
			require.Equal(t, found, ok, "seed %d", seed)
			require.Equal(t, expected, pick, "seed %d", seed)
			require.Equal(t, pick.Line.Number, index.BestRef(q).Number())
			require.Equal(t, table.PassedOver(q), index.PassedOver(q))
			q.Excluded = append(q.Excluded, pick.Line.Number)
		}
	}
}
