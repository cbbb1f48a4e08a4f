package graphemes_test

import (
	"strings"
	"testing"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/graphemes"
)

var sink int

// BenchmarkCuts looks at 100 decorations on texts of 10,000 characters, against
// segmenting all of the text.
func BenchmarkCuts(b *testing.B) {
	for _, t := range []struct{ name, text string }{
		{"ascii", strings.Repeat("The quick ", 1000)},
		{"emoji", strings.Repeat("On my 🚗💨👍🏽", 1000)},
		{"cjk", strings.Repeat("敏捷的棕色狐狸跳过", 1111)},
	} {
		var ds []decoration
		for i := range decorations.MaxDecorations {
			ds = append(ds, bold(i*90, i*90+5))
		}
		b.Run("text="+t.name+"/by=Cuts", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = len(graphemes.Cuts(t.text, ds))
			}
		})
		b.Run("text="+t.name+"/by=segmenting", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = len(boundaries(t.text))
			}
		})
	}
}
