package graphemes_test

import (
	"slices"
	"strings"
	"testing"

	uax29 "github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/graphemes"
	"github.com/fromline/fromline/internal/needed"
	"github.com/fromline/fromline/internal/samples"
	"github.com/fromline/fromline/internal/v8"
)

type (
	advisory   = decorations.Advisory
	decoration = decorations.Decoration
)

func bold(start, end int) decoration {
	return decorations.Bold.On(decorations.Range{Start: start, End: end})
}

func cut(index, start, end int) advisory { return advisory{Index: index, Start: start, End: end} }

func TestCutsFinds(t *testing.T) {
	var advisor decorations.Advisor = graphemes.Cuts
	for _, c := range []struct {
		because string
		text    string
		ds      []decoration
		want    []advisory
	}{
		{"nothing to cut", "", nil, nil},
		{"plain words", "Hello there", []decoration{bold(0, 5), bold(6, 8)}, nil},
		{"around a family", "a👨‍👩‍👧‍👦b", []decoration{bold(0, 12), bold(1, 13), bold(1, 12)}, nil},
		{"start within a family", "a👨‍👩‍👧‍👦b", []decoration{bold(4, 13)}, []advisory{cut(0, 1, 12)}},
		{"both ends within one family", "a👨‍👩‍👧‍👦b", []decoration{bold(0, 1), bold(3, 4)}, []advisory{cut(1, 1, 12)}},
		{"ends within two flags", "🇫🇷🇩🇪", []decoration{bold(2, 6)}, []advisory{cut(0, 0, 4), cut(0, 4, 8)}},
		{"between two flags", "🇫🇷🇩🇪", []decoration{bold(0, 4), bold(4, 8)}, nil},
		{"a skin tone cut off", "ok 👍🏽", []decoration{bold(3, 5)}, []advisory{cut(0, 3, 7)}},
		{"an accent cut off", "cafe\u0301 now", []decoration{bold(0, 4)}, []advisory{cut(0, 3, 5)}},
		{"a keycap taken apart", "1️⃣", []decoration{bold(0, 1), bold(1, 3)}, []advisory{cut(0, 0, 3), cut(1, 0, 3)}},
		{"a conjunct", "क्षि", []decoration{bold(0, 2)}, []advisory{cut(0, 0, 4)}},
		{"jamo of one syllable", "\u1112\u1161\u11ab", []decoration{bold(0, 1)}, []advisory{cut(0, 0, 3)}},
		{"a mark that belongs to the digit after it", "\u06001", []decoration{bold(0, 1)}, []advisory{cut(0, 0, 2)}},
		{"such a mark far into a text", "six words stand before a mark \u06001", []decoration{bold(0, 31)}, []advisory{cut(0, 30, 32)}},
		{"CR and LF", "a\r\nb", []decoration{bold(0, 2)}, []advisory{cut(0, 1, 3)}},
		{"in the order of the list", "👍🏽👍🏽", []decoration{bold(6, 8), bold(0, 2)}, []advisory{cut(0, 4, 8), cut(1, 0, 4)}},
		{"faults are passed over", "👍🏽x", []decoration{bold(-1, 2), bold(2, 90), bold(1, 3), bold(2, 2), bold(4, 2), {Start: 0, End: 5}},
			[]advisory{cut(0, 0, 4), cut(1, 0, 4)}},
		{"text that is not UTF-8", "👍🏽\xff", []decoration{bold(0, 2)}, nil},
	} {
		t.Run(c.because, func(t *testing.T) {
			assert.Equal(t, c.want, advisor(c.text, c.ds))
		})
	}
}

// boundaries returns where the clusters of text begin, and its end, in code
// units, by segmenting all of it.
func boundaries(text string) []int {
	places, segments := []int{0}, uax29.FromString(text)
	for segments.Next() {
		places = append(places, places[len(places)-1]+decorations.Length(segments.Value()))
	}
	return places
}

// slowCuts tries every decoration with every cluster.
func slowCuts(text string, boundaries []int, ds []decoration) []advisory {
	var cuts []advisory
	for i, d := range ds {
		for c := range len(boundaries) - 1 {
			start, end := boundaries[c], boundaries[c+1]
			within := func(at int) bool { return start < at && at < end && faultless(text, at) }
			if d.Start < d.End && (within(d.Start) || within(d.End)) {
				cuts = append(cuts, advisory{Index: i, Start: start, End: end})
			}
		}
	}
	return cuts
}

// faultless reports whether a range may end at the place.
func faultless(text string, at int) bool {
	return len(decorations.Check(text, []decoration{bold(0, at)})) == 0
}

func drawDecorations(t *rapid.T, length int) []decoration {
	place := rapid.IntRange(-1, length+1)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) decoration {
		return bold(place.Draw(t, "start"), place.Draw(t, "end"))
	}), 0, 12).Draw(t, "decorations")
}

// Looking only around the ends finds what segmenting the whole text finds.
func TestCutsIsTheReference(t *testing.T) {
	texts := samples.Text(20)
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		ds := drawDecorations(t, decorations.Length(text))
		require.Equal(t, slowCuts(text, boundaries(text), ds), graphemes.Cuts(text, ds))
	})
}

// A decoration moved out to the ends of its advisories has none.
func TestAdvisedRangesCutNothing(t *testing.T) {
	texts := samples.Text(20)
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		ds := drawDecorations(t, decorations.Length(text))
		for _, cut := range graphemes.Cuts(text, ds) {
			ds[cut.Index].Start = min(ds[cut.Index].Start, cut.Start)
			ds[cut.Index].End = max(ds[cut.Index].End, cut.End)
		}
		require.Empty(t, graphemes.Cuts(text, ds))
	})
}

// V8 sees the same clusters: in every emoji sequence, and in texts of all
// kinds.
func TestV8SeesTheSameClusters(t *testing.T) {
	engine := v8.Start(t)
	agree := func(t rapid.TB, text string) {
		answer := engine.Ask(t, v8.Question{Text: text, Clusters: true})
		want := append(answer.Clusters, answer.Length)
		if text == "" {
			want = []int{0}
		}
		// Ends everywhere but inside pairs show every cluster there is.
		var ds []decoration
		for at := range answer.Length + 1 {
			if at > 0 && faultless(text, at) {
				ds = append(ds, bold(0, at))
			}
		}
		require.Equal(t, slowCuts(text, want, ds), graphemes.Cuts(text, ds), "%+q by Unicode %s", text, answer.Unicode)
	}
	for i, sequence := range samples.Emoji() {
		if testing.Short() && i%8 != 0 {
			continue
		}
		agree(t, sequence)
		agree(t, "a"+sequence+sequence+"b")
	}
	// Characters that one side does not know yet are segmented in their own
	// way.
	if by := engine.Ask(t, v8.Question{}).Unicode; by != "17.0" {
		needed.Missing(t, "random texts cannot be compared with V8: node goes by Unicode %s, not 17.0", by)
	}
	texts := samples.Text(20)
	rapid.Check(t, func(t *rapid.T) {
		agree(t, texts.Draw(t, "text"))
	})
}

// Plain ASCII costs nothing but the look.
func TestCutsOfASCIIAllocatesLittle(t *testing.T) {
	text := strings.Repeat("word ", 2000)
	ds := slices.Repeat([]decoration{bold(5, 9)}, decorations.MaxDecorations)
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() { graphemes.Cuts(text, ds) }), 1.0)
}

func FuzzCuts(f *testing.F) {
	f.Add("a👨‍👩‍👧‍👦b", 0, 4)
	f.Add("🇫🇷🇩🇪\r\ncafe\u0301", 2, 9)
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		text = strings.ToValidUTF8(text[:min(len(text), 80)], "\ufffd")
		ds := []decoration{bold(start, end), bold(end, start)}
		require.Equal(t, slowCuts(text, boundaries(text), ds), graphemes.Cuts(text, ds))
	})
}
