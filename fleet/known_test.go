package fleet

import (
	"cmp"
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

// Of a line of which several things are said the fewest strangers count, in
// whatever order they are said; so do those of addresses, of numbers that are
// no lines and of lines that may not open the chat, but not for a pick. If
// nothing is said the policy is that without the criterion.
func TestKnownLinesInAnyOrder(t *testing.T) {
	first := Policy{Criteria: []Criterion{ByKnown(), ByFewest(), ByCountry()}}
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfNDistinct(rapid.Custom(drawLine), 1, 30, func(l line.Line) recipients.Handle { return l.Number }).Draw(t, "lines")
		guard := drawGuard(t)
		for _, p := range []Policy{first, knowing} {
			views := forms(t, p, guard, lines)
			for range 5 {
				q := drawQuery(t)
				if q.Recipients.Len() == 0 {
					q.Recipients = toOne(1).Recipients
				}
				q.Known = nil
				for range rapid.IntRange(0, 12).Draw(t, "said") {
					n := rapid.SampledFrom(lines).Draw(t, "of").Number
					switch rapid.IntRange(0, 9).Draw(t, "or of") {
					case 0:
						n = drawNumber(t)
					case 1:
						n = handle("ann@example.com")
					}
					q.Known = append(q.Known, Known{n, rapid.IntRange(-1, 4).Draw(t, "strangers")})
				}
				if by := rapid.SampledFrom([]int{0, 1, -1}).Draw(t, "in order"); by != 0 {
					slices.SortFunc(q.Known, func(a, b Known) int {
						return cmp.Or(cmp.Compare(a.Line.Digits(), b.Line.Digits()), by*cmp.Compare(a.Strangers, b.Strangers))
					})
				}
				sameAsPlain(t, views, p, guard, lines, q)
			}
		}
		q := drawQuery(t)
		q.Known = nil
		pick, _ := byHand(t, lines, ViewOptions{Policy: knowing, At: epoch}).Best(q)
		plain, _ := byHand(t, lines, ViewOptions{At: epoch}).Best(q)
		require.Equal(t, plain.Line, pick.Line)
		require.Equal(t, plain.RunnerUp, pick.RunnerUp)
	})
}

// Among many lines, where trees are deep, the index finds what a look at every
// line does, and what comes after it.
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

// A fleet says whether its policy prefers known lines, before and after another
// one.
func TestFleetPrefersKnown(t *testing.T) {
	f := newFleet(t, Options{Policy: knowing}, equalLines(1, 0)...)
	require.True(t, f.PrefersKnown())
	require.NoError(t, f.SetPolicy(Policy{}, line.Guard{}))
	require.False(t, f.PrefersKnown())
	require.False(t, new(Fleet).PrefersKnown())
}
