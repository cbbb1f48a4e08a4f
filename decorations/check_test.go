package decorations_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/fromline/fromline/decorations"
)

// "Hi 👋 there": the hand is a surrogate pair at [3, 5), the end is at 11.
const hand = "Hi 👋 there"

func TestCheckFinds(t *testing.T) {
	fine := Bold.On(Range{0, 2})
	for _, c := range []struct {
		because string
		text    string
		ds      []Decoration
		want    []Fault
	}{
		{"no decorations are fine", hand, nil, nil},
		{"every whole range is fine, to the very end", hand, []Decoration{{0, 11, Bold, 0}, {3, 5, Italic, 0}, {0, 2, Bold, 0}}, nil},
		{"touching animations are fine", hand, []Decoration{{0, 3, 0, Shake}, {3, 5, 0, Nod}, {5, 11, Underline, 0}}, nil},
		{"nothing fits into no text", "", []Decoration{fine}, []Fault{{Kind: PastEnd}}},
		{"negative", hand, []Decoration{fine, {-1, 2, Bold, 0}}, []Fault{{Kind: Negative, Index: 1}}},
		{"empty", hand, []Decoration{fine, {2, 2, Bold, 0}}, []Fault{{Kind: Empty, Index: 1}}},
		{"empty at the end", hand, []Decoration{{11, 11, Bold, 0}}, []Fault{{Kind: Empty}}},
		{"reversed", hand, []Decoration{fine, {2, 1, Bold, 0}}, []Fault{{Kind: Reversed, Index: 1}}},
		{"bytes taken for code units", hand, []Decoration{fine, {8, 13, Bold, 0}}, []Fault{{Kind: PastEnd, Index: 1, Length: 11}}},
		{"everything at once", hand, []Decoration{{14, -1, 9, 9}}, []Fault{
			{Kind: Negative}, {Kind: Reversed}, {Kind: PastEnd, Length: 11}, {Kind: Both}, {Kind: UnknownLook},
		}},
		{"start within a pair", hand, []Decoration{{4, 9, Bold, 0}}, []Fault{{Kind: SplitPair, Outer: Range{3, 9}, Inner: Range{5, 9}}}},
		{"end within a pair", hand, []Decoration{{0, 4, Bold, 0}}, []Fault{{Kind: SplitPair, Outer: Range{0, 5}, Inner: Range{0, 3}}}},
		{"nothing whole within", hand, []Decoration{{3, 4, Bold, 0}}, []Fault{{Kind: SplitPair, Outer: Range{3, 5}}}},
		{"both ends within pairs", "👋👋👋", []Decoration{{1, 5, Bold, 0}}, []Fault{{Kind: SplitPair, Outer: Range{0, 6}, Inner: Range{2, 4}}}},
		{"within a pair and past the end", "👋👋👋", []Decoration{{1, 7, Bold, 0}}, []Fault{{Kind: PastEnd, Length: 6}, {Kind: SplitPair}}},
		{"neither", hand, []Decoration{fine, {0, 2, 0, 0}}, []Fault{{Kind: Neither, Index: 1}}},
		{"both, as the endpoint's own response example", "Hello!", []Decoration{{0, 5, Bold, Shake}}, []Fault{{Kind: Both}}},
		{"a style without a name", hand, []Decoration{{0, 2, 5, 0}}, []Fault{{Kind: UnknownLook}}},
		{"styles overlap as they like", hand, []Decoration{{0, 8, Bold, 0}, {0, 8, Bold, 0}, {2, 11, Italic, 0}}, nil},
		{"animation over style", hand, []Decoration{fine, {1, 3, 0, Big}}, []Fault{{Kind: Overlap, Index: 1, Other: 0}}},
		{"style over animation", hand, []Decoration{{0, 2, 0, Big}, {1, 3, Bold, 0}}, []Fault{{Kind: Overlap, Index: 1, Other: 0}}},
		{"what starts later overlaps what starts before it, wherever they are listed", hand, []Decoration{{1, 3, Bold, 0}, {0, 2, 0, Big}},
			[]Fault{{Kind: Overlap, Index: 0, Other: 1}}},
		{"the other is the one that reaches furthest", hand, []Decoration{{0, 6, Bold, 0}, {0, 8, Bold, 0}, {1, 2, Bold, 0}, {5, 6, 0, Big}},
			[]Fault{{Kind: Overlap, Index: 3, Other: 1}}},
		{"also where that is the first, and another one lies between", hand, []Decoration{{0, 8, Bold, 0}, {1, 2, Bold, 0}, {5, 6, 0, Big}},
			[]Fault{{Kind: Overlap, Index: 2, Other: 0}}},
		{"of animations as well", hand, []Decoration{{0, 8, 0, Big}, {1, 2, 0, Big}, {5, 6, Bold, 0}},
			[]Fault{{Kind: Overlap, Index: 1, Other: 0}, {Kind: Overlap, Index: 2, Other: 0}}},
		{"the same animation twice", hand, []Decoration{{0, 2, 0, Big}, {0, 2, 0, Big}}, []Fault{{Kind: Overlap, Index: 1, Other: 0}}},
		{"a reversed range overlaps nothing", hand, []Decoration{{2, 0, 0, Big}, fine}, []Fault{{Kind: Reversed}}},
		{"text that is not UTF-8 has no length to be past and no pairs to split", "👋\xff", []Decoration{{1, 90, Bold, 0}, {5, 5, Bold, 0}},
			[]Fault{{Kind: InvalidText, Index: -1, Offset: 4}, {Kind: Empty, Index: 1}}},
		{"half a surrogate pair in UTF-8 is no UTF-8", "a\xed\xa0\x80", nil, []Fault{{Kind: InvalidText, Index: -1, Offset: 1}}},
		{"U+FFFD itself is fine", "a\ufffd", []Decoration{{1, 2, Bold, 0}}, nil},
		{"as many as allowed", hand, slices.Repeat([]Decoration{fine}, MaxDecorations), nil},
		{"one too many, and one of them wrong", hand, append(slices.Repeat([]Decoration{fine}, MaxDecorations), Decoration{1, 1, Bold, 0}),
			[]Fault{{Kind: TooMany, Index: -1, Count: 101}, {Kind: Empty, Index: 100}}},
	} {
		t.Run(c.because, func(t *testing.T) {
			assert.Equal(t, c.want, Check(c.text, c.ds))
		})
	}
}

// Check finds what the slow reference finds, in texts of all kinds.
func TestCheckIsTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		if rapid.IntRange(0, 9).Draw(t, "break") == 0 {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			text = text[:at] + rapid.SampledFrom([]string{"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf0\x9f"}).Draw(t, "bytes") + text[at:]
		}
		ds := rapid.SliceOfN(anyDecoration(Length(text)), 0, 8).Draw(t, "decorations")
		require.Equal(t, slowCheck(text, ds), Check(text, ds))
	})
}

// The same where every decoration renders something, so that nothing hides the
// overlaps.
func TestOverlapsAreThoseOfTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Filter(func(s string) bool { return s != "" }).Draw(t, "text")
		ds := rapid.SliceOfN(goodDecoration(Length(text)), 0, 8).Draw(t, "decorations")
		require.Equal(t, slowCheck(text, ds), Check(text, ds))
	})
}

// Ends as far away as an int goes are ends like others.
func TestCheckOfExtremeRanges(t *testing.T) {
	ends := []int{math.MinInt, math.MinInt + 1, -1, 0, 4, math.MaxInt - 1, math.MaxInt}
	for _, text := range []string{"", hand, strings.Repeat("語👋", 30)} {
		for _, start := range ends {
			for _, end := range ends {
				ds := []Decoration{{start, end, Bold, 0}, {end, start, 0, Shake}, {0, 5, Italic, 0}}
				require.Equal(t, slowCheck(text, ds), Check(text, ds), "[%d, %d) of %q", start, end, text)
			}
		}
	}
}

// The ranges that a fault suggests do not have the fault, and are as near as
// any.
func TestSuggestedRangesAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Filter(func(s string) bool { return s != "" }).Draw(t, "text")
		d := goodDecoration(Length(text)).Draw(t, "decoration")
		for _, f := range Check(text, []Decoration{d}) {
			require.Equal(t, SplitPair, f.Kind)
			require.Nil(t, Check(text, []Decoration{Bold.On(f.Outer)}))
			require.LessOrEqual(t, f.Outer.Start, d.Start)
			require.GreaterOrEqual(t, f.Outer.End, d.End)
			if f.Inner != (Range{}) {
				require.Nil(t, Check(text, []Decoration{Bold.On(f.Inner)}))
			}
		}
	})
}

// Text put before moves every fault along, and text put after only takes faults
// away that were about the end.
func TestCheckShifts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, text, after := texts.Draw(t, "before"), texts.Filter(func(s string) bool { return s != "" }).Draw(t, "text"), texts.Draw(t, "after")
		ds := rapid.SliceOfN(goodDecoration(Length(text)), 0, 6).Draw(t, "decorations")
		n := Length(before)
		shift := func(r Range) Range { return Range{r.Start + n, r.End + n} }

		want := Check(text, ds)
		for i, f := range want {
			if f.Outer != (Range{}) {
				want[i].Outer = shift(f.Outer)
			}
			if f.Inner != (Range{}) {
				want[i].Inner = shift(f.Inner)
			}
		}
		shifted := slices.Clone(ds)
		for i, d := range ds {
			shifted[i].Start, shifted[i].End = shift(d.Range()).Start, shift(d.Range()).End
		}
		require.Equal(t, want, Check(before+text+after, shifted))
	})
}

// Which decorations are well by themselves does not depend on the order of the
// list, and neither does whether all is well.
func TestCheckOrderOfList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		ds := rapid.SliceOfN(anyDecoration(Length(text)), 0, 6).Draw(t, "decorations")
		order := rapid.Permutation(indices(len(ds))).Draw(t, "order")
		permuted := make([]Decoration, len(ds))
		for to, from := range order {
			permuted[to] = ds[from]
		}

		back := Check(text, permuted)
		for i := range back {
			if back[i].Index >= 0 {
				back[i].Index = order[back[i].Index]
			}
		}
		isOverlap := func(f Fault) bool { return f.Kind == Overlap }
		forth := Check(text, ds)
		require.Equal(t, slices.ContainsFunc(forth, isOverlap), slices.ContainsFunc(back, isOverlap))
		require.ElementsMatch(t, slices.DeleteFunc(forth, isOverlap), slices.DeleteFunc(back, isOverlap))
	})
}

func indices(n int) []int {
	is := make([]int, n)
	for i := range is {
		is[i] = i
	}
	return is
}

// Lists far beyond the limit get the same answer as short ones.
func TestCheckManyDecorations(t *testing.T) {
	text := strings.Repeat("x👋", 700)
	rapid.Check(t, func(t *rapid.T) {
		ds := rapid.SliceOfN(goodDecoration(Length(text)), 101, 300).Draw(t, "decorations")
		got := Check(text, ds)
		require.Equal(t, Fault{Kind: TooMany, Index: -1, Count: len(ds)}, got[0])
		for _, f := range got[1:] {
			if f.Kind == Overlap {
				require.Equal(t, slowOverlap(ds, f.Index), f.Other)
			}
		}
		overlaps := 0
		for i := range ds {
			if slowOverlap(ds, i) >= 0 {
				overlaps++
			}
		}
		require.Equal(t, overlaps, len(slices.DeleteFunc(got, func(f Fault) bool { return f.Kind != Overlap })))
	})
}

func TestCheckAllocatesNothingWhenAllIsWell(t *testing.T) {
	text := strings.Repeat("word 👋 ", 1250)
	var ds []Decoration
	for i := range MaxDecorations {
		ds = append(ds, Decoration{i * 80, i*80 + 5, 0, Shake})
	}
	slices.Reverse(ds)
	require.Nil(t, Check(text, ds))
	assert.Zero(t, testing.AllocsPerRun(100, func() { Check(text, ds) }))
}

func FuzzCheck(f *testing.F) {
	f.Add(hand, []byte{4, 6, 1, 0, 7, 9, 0, 3, 8, 12, 2, 0})
	f.Add("👋👋👋", []byte{5, 9, 1, 0, 4, 5, 0, 1, 4, 5, 0, 1})
	f.Add("👨‍👩‍👧‍👦\xff", []byte{0, 3, 1, 0, 200, 3, 5, 9})
	f.Fuzz(func(t *testing.T, text string, raw []byte) {
		text, ds := text[:min(len(text), 60)], decode(raw[:min(len(raw), 64)])
		require.Equal(t, slowCheck(text, ds), Check(text, ds))
	})
}
