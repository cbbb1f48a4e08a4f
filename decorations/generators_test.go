package decorations_test

import (
	"pgregory.net/rapid"

	. "github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/internal/samples"
)

var texts = samples.Text(12)

// anyDecoration draws decorations around a text of that length, right and wrong
// ones.
func anyDecoration(length int) *rapid.Generator[Decoration] {
	return rapid.Custom(func(t *rapid.T) Decoration {
		return Decoration{
			Start:     rapid.IntRange(-2, length+2).Draw(t, "start"),
			End:       rapid.IntRange(-2, length+2).Draw(t, "end"),
			Style:     Style(rapid.Uint8Range(0, 5).Draw(t, "style")),
			Animation: Animation(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2, 8, 9}).Draw(t, "animation")),
		}
	})
}

// goodDecoration draws decorations that render something: of more than no code
// units, with one look. They may split pairs and overlap.
func goodDecoration(length int) *rapid.Generator[Decoration] {
	return rapid.Custom(func(t *rapid.T) Decoration {
		start := rapid.IntRange(0, length-1).Draw(t, "start")
		r := Range{start, rapid.IntRange(start+1, length).Draw(t, "end")}
		if rapid.IntRange(0, 3).Draw(t, "animated") == 0 {
			return Animation(rapid.Uint8Range(1, 8).Draw(t, "animation")).On(r)
		}
		return Style(rapid.Uint8Range(1, 4).Draw(t, "style")).On(r)
	})
}

// decode reads decorations from the bytes of a fuzzer, four for each, with
// small numbers near 0 and also beyond any text.
func decode(raw []byte) []Decoration {
	var ds []Decoration
	for ; len(raw) >= 4; raw = raw[4:] {
		ds = append(ds, Decoration{Start: int(raw[0]) - 4, End: int(raw[1]) - 4, Style: Style(raw[2] % 6), Animation: Animation(raw[3] % 10)})
	}
	return ds
}
