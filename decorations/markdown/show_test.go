package markdown_test

import (
	"strings"
	"unicode/utf16"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
)

// show writes the styles of a text into it: {bi} before what is bold and
// italic, {} before what is plain again.
func show(t markdown.Text) string {
	var out strings.Builder
	before, unit := "", 0
	for _, r := range t.Value {
		now := stylesAt(t, unit)
		if now != before {
			out.WriteString("{" + now + "}")
		}
		out.WriteRune(r)
		before = now
		unit += utf16.RuneLen(r)
	}
	return out.String()
}

// stylesAt returns the first letters of the styles on a code unit.
func stylesAt(t markdown.Text, unit int) string {
	styles := ""
	for style := decorations.Bold; style <= decorations.Underline; style++ {
		for _, d := range t.Decorations {
			if d.Style == style && d.Start <= unit && unit < d.End {
				styles += style.String()[:1]
			}
		}
	}
	return styles
}
