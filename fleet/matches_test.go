package fleet

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// forms are views of the same lines in every form in which a view holds them.
func forms(t require.TestingT, p Policy, g line.Guard, lines []line.Line) map[string]View {
	o, err := newOrder(p, g)
	require.NoError(t, err)
	views := map[string]View{"table": byHand(t, lines, ViewOptions{Policy: p, Guard: g, At: epoch})}
	for name, listsOnly := range map[string]bool{"lists": true, "scan": false} {
		x := newIndex(o)
		x.listsOnly = listsOnly
		for _, l := range lines {
			x.replace(nil, o.newRecord(l, o.bounds(&l, nanos(epoch)), nanos(epoch), slots{nanos(l.NewChatsFullUntil), nanos(l.FailoversFullUntil)}))
		}
		views[name] = View{&snapshot{order: o, at: nanos(epoch), index: x.copy()}}
	}
	return views
}

// sameAsPlain proves that each view answers a query as a plain look at the
// lines does.
func sameAsPlain(t require.TestingT, views map[string]View, p Policy, g line.Guard, lines []line.Line, q Query) {
	lines = plainOnly(lines, q)
	expected, counts := plainOrder(lines, p, g, allAt(epoch), q), plainCounts(lines, p, g, allAt(epoch), q)
	for name, v := range views {
		pick, ok := v.Best(q)
		samePick(t, name, expected, pick, ok)
		sameBest(t, pick, ok, v.BestRef(q))
		require.Equal(t, counts, plain(v.PassedOver(q)), name)
	}
}

// choices are all lists of some of the criteria, in every order.
func choices(of []Criterion) [][]Criterion {
	all := [][]Criterion{{}}
	for i, c := range of {
		rest := slices.Delete(slices.Clone(of), i, i+1)
		for _, list := range choices(rest) {
			all = append(all, append([]Criterion{c}, list...))
		}
	}
	return all
}

// Whichever places a policy prefers, in whatever order, and whichever it
// requires, of all queries or of those for one service, and beside matches of
// the host's own: the pick and the counts are those of a plain look at every
// line.
func TestMatchesInAnyOrder(t *testing.T) {
	const seed = 20261128
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 18))
	number := func() recipients.Handle {
		return handle(prefixes[random.IntN(len(prefixes))] + string(rune('0'+random.IntN(10))))
	}
	set := func() recipients.Set {
		var people []recipients.Handle
		for range 1 + random.IntN(3) {
			people = append(people, number())
		}
		s, err := recipients.NewSet(people...)
		require.NoError(t, err)
		return s
	}
	own := func(name string, n uint64) Criterion { // labels 1 to n, and people of none
		return ByMatch(name, func(l line.Line) Label { return Label(l.Number.Digits()%n) + 1 },
			func(q Query) Label { return Label(q.Recipients.Len()) % 3 })
	}
	places := []Criterion{ByCountry(), ByProvince(), ByArea()}
	others := [][]Criterion{{ByFewest()}, {ByLabel()}, {own("a", 2), own("b", 5)}, {own("a", 3), ByLabel()}}
	for n, criteria := range append(choices(places), [][]Criterion{{}, {}, {}, {}}...) {
		for required := range 1 << len(places) {
			p := Policy{Criteria: append(slices.Clone(criteria), others[(n+required)%len(others)]...)}
			for i, c := range places {
				if required>>i&1 == 1 {
					p.Require = append(p.Require, Requirement{c, []message.Service{0, message.SMS}[random.IntN(2)]})
				}
			}
			random.Shuffle(len(p.Require), func(i, j int) { p.Require[i], p.Require[j] = p.Require[j], p.Require[i] })
			var lines []line.Line
			taken := map[recipients.Handle]bool{}
			for range 50 {
				l := line.Line{Number: number(), Label: []string{"", "a", "b"}[random.IntN(3)], NewChats: random.IntN(3)}
				if !taken[l.Number] {
					taken[l.Number] = true
					lines = append(lines, l)
				}
			}
			views := forms(t, p, line.Guard{}, lines)
			for range 12 {
				q := Query{Recipients: set(), Label: []string{"", "a", "b"}[random.IntN(3)], Service: []message.Service{0, message.SMS, message.RCS}[random.IntN(3)]}
				sameAsPlain(t, views, p, line.Guard{}, lines, q)
			}
		}
	}
}

// A criterion that is the only one decides, whichever it is.
func TestOneCriterionDecides(t *testing.T) {
	far, near := handle("+442071838750"), handle("+16465550100") // near the people of the query
	for _, c := range []Criterion{ByCountry(), ByProvince(), ByArea()} {
		for _, lines := range [][]line.Line{{{Number: far}, {Number: near}}, {{Number: near}, {Number: far}}} {
			v := byHand(t, lines, ViewOptions{Policy: Policy{Name: "one", Criteria: []Criterion{c}}})
			require.Equal(t, "one", v.Policy())
			for i := range 10 { // wherever the ring begins
				pick, ok := v.Best(toOne(i))
				require.True(t, ok)
				require.Equal(t, near, pick.Line.Number, c.Name())
			}
		}
	}
	require.Empty(t, View{}.Policy())
}

// There is no list that a query has no need of: none is there twice, and
// whatever lies in a country has none without the country, nor an area one with
// its province.
func TestListsThatNoQueryNeeds(t *testing.T) {
	for _, criteria := range choices([]Criterion{ByCountry(), ByProvince(), ByArea(), ByLabel()}) {
		o, err := newOrder(Policy{Criteria: append(criteria, ByFewest())}, line.Guard{})
		require.NoError(t, err)
		seen := map[pattern]bool{}
		for _, p := range o.patterns {
			require.False(t, seen[p] || p>>len(o.matches) != 0)
			seen[p] = true
			inside := p.has(o.area) || p.has(o.province)
			require.False(t, inside && o.country >= 0 && !p.has(o.country))
			require.False(t, p.has(o.area) && p.has(o.province))
		}
		require.True(t, seen[0])
	}
}

// indexed returns a view that holds the lines as a fleet does.
func indexed(lines []line.Line) View {
	o, _ := newOrder(Policy{}, line.Guard{})
	x := newIndex(o)
	for _, l := range lines {
		x.replace(nil, o.newRecord(l, o.bounds(&l, nanos(epoch)), nanos(epoch), slots{}))
	}
	return View{&snapshot{order: o, at: nanos(epoch), index: x.copy()}}
}
