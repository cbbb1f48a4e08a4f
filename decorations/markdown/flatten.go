package markdown

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/fromline/fromline/decorations"
)

// flattener writes a tree of Markdown as text.
type flattener struct {
	options Options
	source  []byte
	out     writer
}

// Line breaks between blocks: items of a list that is written without blank
// lines between them stay together.
const (
	betweenItems      = 1
	betweenParagraphs = 2
)

// children writes the blocks within n, that many line breaks apart.
func (f *flattener) children(n ast.Node, breaks int) {
	start := f.out.value.Len()
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if f.out.value.Len() > start {
			f.out.breaks = breaks
		}
		f.block(c)
	}
}

// block writes one block.
func (f *flattener) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		f.inlines(n)
	case *ast.Heading:
		f.out.styles[decorations.Bold]++
		f.inlines(n)
		f.out.styles[decorations.Bold]--
	case *ast.ThematicBreak:
		f.out.text("---")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		f.lines(string(n.Lines().Value(f.source)))
	case *ast.HTMLBlock:
		lines := string(n.Lines().Value(f.source))
		if n.HasClosure() {
			lines += string(n.ClosureLine.Value(f.source))
		}
		f.lines(lines)
	case *ast.Blockquote:
		f.within(margin{first: "> ", rest: "> "}, n, betweenParagraphs)
	case *ast.List:
		f.list(n)
	}
}

func (f *flattener) list(n *ast.List) {
	breaks := betweenParagraphs
	if n.IsTight {
		breaks = betweenItems
	}
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		marker := "• "
		if n.IsOrdered() {
			marker = strconv.Itoa(number) + string(n.Marker) + " "
			number++
		}
		f.within(margin{first: marker, rest: strings.Repeat(" ", len([]rune(marker)))}, item, breaks)
		f.out.breaks = breaks
	}
}

// deepest is how many blocks one within the other show a margin. Without an end
// to it every line of a small source could begin with thousands.
const deepest = 8

// within writes the blocks within n behind a margin, which shows even if there
// are none.
func (f *flattener) within(m margin, n ast.Node, breaks int) {
	if len(f.out.margins) >= deepest {
		m = margin{}
	}
	f.out.margins = append(f.out.margins, m)
	start := f.out.value.Len()
	f.children(n, breaks)
	if f.out.value.Len() == start {
		f.out.startLine()
	}
	f.out.margins = f.out.margins[:len(f.out.margins)-1]
}

// lines writes text as it is, but for the end of its last line.
func (f *flattener) lines(s string) { f.out.text(strings.TrimSuffix(s, "\n")) }
