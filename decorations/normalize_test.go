package decorations_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/fromline/fromline/decorations"
)

func TestNormalizeMerges(t *testing.T) {
	for _, c := range []struct {
		because  string
		ds, want []Decoration
	}{
		{"nothing stays nothing", nil, []Decoration{}},
		{"touching", []Decoration{{0, 2, Bold, 0}, {2, 4, Bold, 0}}, []Decoration{{0, 4, Bold, 0}}},
		{"overlapping", []Decoration{{1, 4, Bold, 0}, {0, 2, Bold, 0}}, []Decoration{{0, 4, Bold, 0}}},
		{"within another", []Decoration{{0, 9, Bold, 0}, {2, 4, Bold, 0}, {8, 9, Bold, 0}}, []Decoration{{0, 9, Bold, 0}}},
		{"a gap is kept", []Decoration{{3, 4, Bold, 0}, {0, 2, Bold, 0}}, []Decoration{{0, 2, Bold, 0}, {3, 4, Bold, 0}}},
		{"other styles stay apart", []Decoration{{0, 2, Italic, 0}, {2, 4, Bold, 0}}, []Decoration{{0, 2, Italic, 0}, {2, 4, Bold, 0}}},
		{"touching animations stay two", []Decoration{{2, 4, 0, Shake}, {0, 2, 0, Shake}}, []Decoration{{0, 2, 0, Shake}, {2, 4, 0, Shake}}},
		{"a repeated animation is one", []Decoration{{0, 2, 0, Shake}, {4, 6, 0, Nod}, {0, 2, 0, Shake}}, []Decoration{{0, 2, 0, Shake}, {4, 6, 0, Nod}}},
		{"what renders nothing is dropped", []Decoration{{2, 2, Bold, 0}, {3, 1, 0, Big}, {0, 4, 0, 0}}, []Decoration{}},
		{"order", []Decoration{{1, 2, Underline, 0}, {0, 3, Bold, 0}, {1, 2, Italic, 0}, {1, 4, Strikethrough, 0}},
			[]Decoration{{0, 3, Bold, 0}, {1, 2, Italic, 0}, {1, 2, Underline, 0}, {1, 4, Strikethrough, 0}}},
	} {
		t.Run(c.because, func(t *testing.T) {
			assert.Equal(t, c.want, Normalize(c.ds))
		})
	}
}

// Rendering before and after is equal per code unit, doing it twice changes
// nothing, and the list given is left alone.
func TestNormalizeRendersTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ds := rapid.SliceOfN(anyDecoration(12), 0, 12).Draw(t, "decorations")
		before := slices.Clone(ds)
		got := Normalize(ds)
		require.Equal(t, before, ds)
		require.Equal(t, render(ds), render(got))
		require.Equal(t, got, Normalize(got))
		require.True(t, slices.IsSortedFunc(got, func(a, b Decoration) int { return a.Start - b.Start }))
	})
}

// However a rendering is written down, it normalises to one list, and no other
// way of writing it is shorter.
func TestNormalizeIsUniqueAndSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ds := Normalize(rapid.SliceOfN(goodDecoration(12), 0, 8).Draw(t, "decorations"))
		var other []Decoration
		for _, d := range ds {
			other = append(other, d)
			for range rapid.IntRange(0, 2).Draw(t, "more") {
				if d.Style == 0 {
					other = append(other, d)
					continue
				}
				at := rapid.IntRange(d.Start, d.End).Draw(t, "at")
				other = append(other, d.Style.On(Range{d.Start, at}), d.Style.On(Range{at, d.End}))
			}
			// The whole may go once its parts are there.
			if n := len(other); n >= 3 && d.Style != 0 && other[n-1].End == d.End && other[n-2].End == other[n-1].Start && other[n-2].Start == d.Start {
				other = slices.DeleteFunc(other, func(o Decoration) bool { return o == d && other[n-1] != d && other[n-2] != d })
			}
		}
		other = rapid.Permutation(other).Draw(t, "other")
		require.Equal(t, render(ds), render(other))
		require.Equal(t, ds, Normalize(other))
		require.LessOrEqual(t, len(ds), len(other))
		require.Len(t, ds, slowSmallest(other))
	})
}

// slowSmallest returns how many decorations any list needs at least that
// renders as ds does: one for each unbroken run of a style, one for each
// animation.
func slowSmallest(ds []Decoration) int {
	looks, n := render(ds), 0
	for at, look := range looks {
		for _, l := range look {
			if l.Animation != 0 && l.Start == at || l.Style != 0 && !slices.Contains(looks[at-1], l) {
				n++
			}
		}
	}
	return n
}

// What Check finds nothing wrong with stays so.
func TestNormalizeKeepsWhatIsWell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Filter(func(s string) bool { return s != "" }).Draw(t, "text")
		ds := rapid.SliceOfN(goodDecoration(Length(text)), 0, 4).Draw(t, "decorations")
		if Check(text, ds) == nil {
			require.Nil(t, Check(text, Normalize(ds)))
		}
	})
}

func FuzzNormalize(f *testing.F) {
	f.Add([]byte{4, 6, 1, 0, 6, 9, 1, 0, 5, 9, 0, 3, 5, 9, 0, 3})
	f.Fuzz(func(t *testing.T, raw []byte) {
		ds := decode(raw[:min(len(raw), 80)])
		got := Normalize(ds)
		require.Equal(t, render(ds), render(got))
		require.Equal(t, got, Normalize(got))
		require.Len(t, got, slowSmallest(ds))
	})
}
