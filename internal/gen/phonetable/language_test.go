package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2/metadata"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func digits() *rapid.Generator[string] { return rapid.StringMatching(`[0-9]{0,14}`) }

// expressions are regular expressions as in numbering plans, with nested groups
// down to a depth.
func expressions(depth int) *rapid.Generator[string] {
	atom := rapid.OneOf(
		rapid.SampledFrom([]string{`\d`, `[0-5]`, `0`, `1`, `[2-46-9]`, `00`, `[01]\d`, ``}),
		rapid.StringMatching(`[0-9]`),
	)
	counted := rapid.Custom(func(t *rapid.T) string {
		return atom.Draw(t, "atom") + rapid.SampledFrom([]string{"", "", "", "?"}).Draw(t, "count")
	})
	var group func(depth int) *rapid.Generator[string]
	group = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			var alternatives []string
			for range rapid.IntRange(1, 3).Draw(t, "alternatives") {
				piece := counted
				if depth > 0 {
					piece = rapid.OneOf(counted, group(depth-1))
				}
				alternatives = append(alternatives, strings.Join(rapid.SliceOfN(piece, 1, 3).Draw(t, "pieces"), ""))
			}
			return rapid.SampledFrom([]string{"(?:", "("}).Draw(t, "kind") + strings.Join(alternatives, "|") + ")" +
				rapid.SampledFrom([]string{"", "", "?", "$", "{2,3}"}[:5-min(depth, 1)]).Draw(t, "count")
		})
	}
	return rapid.Custom(func(t *rapid.T) string {
		for {
			e := group(depth).Draw(t, "expression")
			if _, err := regexp.Compile(e); err == nil {
				return e
			}
		}
	})
}

func TestPatternIsTheExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expression := expressions(1).Draw(t, "expression")
		l, err := newAlgebra().pattern(expression)
		require.NoError(t, err)
		re := regexp.MustCompile(`^(?:` + expression + `)$`)
		for _, s := range rapid.SliceOfN(digits(), 1, 40).Draw(t, "strings") {
			require.Equal(t, re.MatchString(s), l.has(s), "%s of %s", s, expression)
		}
	})
}

func TestPrefixOutcomesAreTheMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expression := expressions(0).Draw(t, "expression")
		if rapid.Bool().Draw(t, "second") {
			expression += rapid.SampledFrom([]string{"", "|"}).Draw(t, "joined") + expressions(0).Draw(t, "more")
		}
		outcomes, err := newAlgebra().prefixOutcomes(expression)
		require.NoError(t, err)
		for _, s := range rapid.SliceOfN(digits(), 1, 40).Draw(t, "strings") {
			requireOutcome(t, outcomes, expression, s)
		}
	})
}

// requireOutcome compares the outcome of a prefix for one string with the
// package regexp.
func requireOutcome(t require.TestingT, outcomes map[outcome]*language, expression, s string) {
	want := outcome{-1, -1, -1}
	re := regexp.MustCompile(`^(?:` + expression + `)`)
	if m := re.FindStringSubmatchIndex(s); m != nil {
		want.end = int8(m[1])
		if last := 2 * re.NumSubexp(); last > 0 {
			want.open, want.closed = int8(m[last]), int8(m[last+1])
		}
	}
	for o, l := range outcomes {
		require.Equal(t, o == want, l.has(s), "%s of %s: %+v, wanted %+v", s, expression, o, want)
	}
}

func TestPrefixOutcomesOfThePlans(t *testing.T) {
	g := newAlgebra()
	known := map[string]map[outcome]*language{"": nil}
	for region := range metadata.SupportedRegions() {
		m, ok := metadata.RegionMetadata(region)
		require.True(t, ok)
		expression := m.GetNationalPrefixForParsing()
		if _, done := known[expression]; done {
			continue
		}
		outcomes, err := g.prefixOutcomes(expression)
		require.NoError(t, err)
		known[expression] = outcomes
	}
	delete(known, "")
	expressions := slices.Sorted(maps.Keys(known))
	rapid.Check(t, func(t *rapid.T) {
		expression := rapid.SampledFrom(expressions).Draw(t, "expression")
		lead := rapid.SampledFrom([]string{"", "0", "00", "8", "1", "011", "15", "000", "18", "19"}).Draw(t, "lead")
		requireOutcome(t, known[expression], expression, lead+digits().Draw(t, "rest"))
	})
}

func TestAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newAlgebra()
		a, err := g.pattern(expressions(1).Draw(t, "a"))
		require.NoError(t, err)
		b, err := g.pattern(expressions(1).Draw(t, "b"))
		require.NoError(t, err)
		n := rapid.IntRange(0, 4).Draw(t, "n")
		prefix := rapid.StringMatching(`[0-9]{0,3}`).Draw(t, "prefix")
		even := g.lengths(func(n int) bool { return n%2 == 0 })
		for _, s := range rapid.SliceOfN(digits(), 1, 40).Draw(t, "strings") {
			require.Equal(t, a.has(s) || b.has(s), g.union(a, b).has(s))
			require.Equal(t, a.has(s) && b.has(s), g.intersect(a, b).has(s))
			require.Equal(t, a.has(s) && !b.has(s), g.minus(a, b).has(s))
			rest, found := strings.CutPrefix(s, prefix)
			require.Equal(t, found && a.has(rest), g.prefixed(prefix, a).has(s))
			require.Equal(t, a.has(prefix+s), a.after(prefix).has(s))
			require.Equal(t, len(s) >= n && a.has(s[min(n, len(s)):]), g.skipped(n, a).has(s))
			require.Equal(t, len(s)%2 == 0, even.has(s))
			require.True(t, g.any[maxNational].has(s))
		}
		// Equal languages are the same pointer.
		require.Same(t, g.minus(g.union(a, b), b), g.minus(a, b))
		require.Same(t, g.intersect(a, b), g.minus(a, g.minus(a, b)))
	})
}

func TestUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newAlgebra()
		l, err := g.pattern(expressions(1).Draw(t, "expression"))
		require.NoError(t, err)
		e := edit{before: rapid.StringMatching(`[0-9]{0,2}`).Draw(t, "before"), cut: rapid.IntRange(0, 6).Draw(t, "cut")}
		e.closed = rapid.IntRange(0, e.cut).Draw(t, "closed")
		e.open = rapid.IntRange(0, e.closed).Draw(t, "open")
		e.after = rapid.StringMatching(`[0-9]{0,1}`).Draw(t, "after")
		undone := g.undone(e, l)
		for _, s := range rapid.SliceOfN(digits(), 1, 40).Draw(t, "strings") {
			if len(s) < e.cut {
				require.False(t, undone.has(s))
				continue
			}
			done := e.before + s[e.open:e.closed] + e.after + s[e.cut:]
			require.Equal(t, l.has(done), undone.has(s), "%s to %s", s, done)
			require.Equal(t, e.gain(), len(done)-len(s))
			require.True(t, !e.identity() || done == s)
		}
	})
}
