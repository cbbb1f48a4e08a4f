package fleet

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// The most frequent value is the same in whatever order the values come, and
// the lowest of several; zeros do not count.
func TestTallyCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 6), 0, recipients.MaxRecipients).Draw(t, "values")
		var counted tally
		times := map[int]int{}
		for _, v := range values {
			counted.add(v)
			times[v]++
		}
		want := 0
		for v := 1; v <= 6; v++ {
			if times[v] > times[want] || want == 0 && times[v] > 0 {
				want = v
			}
		}
		require.Equal(t, want, counted.most())
	})
	var full tally // as many people as there may be, each elsewhere
	for i := range recipients.MaxRecipients {
		full.add(recipients.MaxRecipients - i)
	}
	require.Equal(t, 1, full.most())
}

// A policy may ask for the area and not for the country: a line of the area is
// found among any number of others.
func TestAreaWithoutCountry(t *testing.T) {
	for _, n := range []int{3, 30, 300} {
		var lines []line.Line
		for i := range n {
			lines = append(lines, line.Line{Number: handle(fmt.Sprintf("+1212777%04d", i)), NewChats: i % 2})
		}
		near := line.Line{Number: handle("+14155550199"), NewChats: 9}
		f := newFleet(t, Options{Policy: Policy{Criteria: []Criterion{ByArea(), ByFewest()}}}, append(lines, near)...)
		view, err := f.View(context.Background(), "acme", epoch)
		require.NoError(t, err)
		set, err := recipients.Canonicalize([]string{"+14155552671"})
		require.NoError(t, err)
		pick, ok := view.Best(Query{Recipients: set})
		require.True(t, ok)
		require.Equal(t, near.Number, pick.Line.Number, n)
	}
}

// Every place of a country lies in one province: so the list of a place needs
// none for the province. All labels are told apart by their names.
func TestPlacesLieInOneProvince(t *testing.T) {
	in := map[Label]Label{}
	for code := 200; code < 1000; code++ {
		h := handle(fmt.Sprintf("+1%d5550100", code))
		area, province := areaLabel(h), provinceLabel(h)
		if area == 0 {
			continue
		}
		require.Less(t, max(area, province, countryLabel(h)), nowhere)
		if known, there := in[area]; there {
			require.Equal(t, known, province, h)
		}
		in[area] = province
	}
	require.Greater(t, len(in), 200)
}
