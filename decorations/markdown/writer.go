package markdown

import (
	"strings"

	"github.com/fromline/fromline/decorations"
)

// writer collects plain text, and the decorations that it has while it is
// written. It puts before each line what the blocks around it ask for.
type writer struct {
	value       strings.Builder
	units       int // the length of value in UTF-16 code units
	decorations []decorations.Decoration

	styles [decorations.Underline + 1]int // how many times each style is in force

	margins []margin
	inLine  bool // something stands in the current line
	breaks  int  // line breaks due before anything else is written
}

// margin is what a block puts before its lines.
type margin struct {
	first, rest string
	used        bool // first has been written
}

// text writes s with the styles in force.
func (w *writer) text(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.lineBreak()
		}
		if line != "" {
			w.startLine()
			w.styled(line)
		}
	}
}

// lineBreak ends the line. The break has the styles in force, so that they stay
// one range across it, unless a margin parts them anyway.
func (w *writer) lineBreak() {
	w.dueBreaks()
	w.endLine()
	if len(w.margins) > 0 {
		w.plain("\n")
	} else {
		w.styled("\n")
	}
}

// startLine writes whatever has to come before text.
func (w *writer) startLine() {
	w.dueBreaks()
	if w.inLine {
		return
	}
	for i := range w.margins {
		m := &w.margins[i]
		if m.used {
			w.plain(m.rest)
		} else {
			w.plain(m.first)
			m.used = true
		}
	}
	w.inLine = true
}

// dueBreaks writes the line breaks that are due between blocks, which no style
// covers.
func (w *writer) dueBreaks() {
	for ; w.breaks > 0; w.breaks-- {
		w.endLine()
		w.plain("\n")
	}
}

// endLine gives a line that would be empty the margins that show, such as that
// of a quotation.
func (w *writer) endLine() {
	if !w.inLine {
		var all strings.Builder
		for _, m := range w.margins {
			if m.used {
				all.WriteString(m.rest)
			}
		}
		w.plain(strings.TrimRight(all.String(), " "))
	}
	w.inLine = false
}

func (w *writer) styled(s string) {
	start := w.units
	w.plain(s)
	for style, depth := range w.styles {
		if depth > 0 {
			r := decorations.Range{Start: start, End: w.units}
			w.decorations = append(w.decorations, decorations.Style(style).On(r))
		}
	}
}

func (w *writer) plain(s string) {
	w.value.WriteString(s)
	w.units += decorations.Length(s)
}
