package markdown

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fromline/fromline/decorations"
)

// composer writes a text with marks around its styles.
type composer struct {
	marks   marks
	out     strings.Builder
	open    []decorations.Decoration // whose first mark is written, outermost first
	waiting []decorations.Decoration // sorted by start
	begun   int                      // where the last mark that begins a style is written
}

// compose writes t, whose decorations must be normalised styles, with those
// marks.
func compose(t Text, marks marks) string {
	c := composer{marks: marks, waiting: t.Decorations}
	unit := 0
	for at := 0; at < len(t.Value); {
		c.turn(unit)
		n := 1
		if c.isPlainUntil(unit+2) && isParagraphBreak(t.Value, at) {
			n = 2
			c.out.WriteString("\n\n")
		} else {
			var r rune
			r, n = utf8.DecodeRuneInString(t.Value[at:])
			c.out.WriteString(c.escape(unit, r, t.Value[:at], t.Value[at+n:]))
		}
		unit += decorations.Length(t.Value[at : at+n])
		at += n
	}
	c.turn(unit)
	return c.out.String()
}

// turn ends the styles that end at the code unit and begins those that begin
// there. Marks are nested: a style that goes on around which another ends is
// ended too and begun again. What reaches furthest begins first.
func (c *composer) turn(unit int) {
	var begin []decorations.Decoration
	if first := slices.IndexFunc(c.open, func(d decorations.Decoration) bool { return d.End == unit }); first >= 0 {
		for _, d := range slices.Backward(c.open[first:]) {
			c.out.WriteString(c.marks[d.Style].close)
			if d.End > unit {
				begin = append(begin, d)
			}
		}
		c.open = c.open[:first]
	}
	for len(c.waiting) > 0 && c.waiting[0].Start == unit {
		begin, c.waiting = append(begin, c.waiting[0]), c.waiting[1:]
	}
	slices.SortStableFunc(begin, func(a, b decorations.Decoration) int { return b.End - a.End })
	for _, d := range begin {
		c.out.WriteString(c.marks[d.Style].open)
		c.open = append(c.open, d)
		c.begun = unit
	}
}

// escape returns what stands for the character r at a code unit. A space next
// to a mark, on its inside, would make it none.
func (c *composer) escape(unit int, r rune, before, after string) string {
	meets := func(d decorations.Decoration) bool { return c.begun == unit || d.End == unit+1 }
	if r == ' ' && slices.ContainsFunc(c.open, meets) {
		return reference(r)
	}
	return escape(r, before, after)
}

// isPlainUntil reports whether no style is on the code units from the current
// one on before end.
func (c *composer) isPlainUntil(end int) bool {
	return len(c.open) == 0 && (len(c.waiting) == 0 || c.waiting[0].Start >= end)
}

// isParagraphBreak reports whether just two line breaks stand at the offset,
// between something and something.
func isParagraphBreak(text string, at int) bool {
	before, after := text[:at], text[at:]
	return !startsLine(before) && len(after) > 2 && after[:2] == "\n\n" && after[2] != '\n'
}
