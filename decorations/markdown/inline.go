package markdown

import (
	"bufio"
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	extensions "github.com/yuin/goldmark/extension/ast"
	goldmark "github.com/yuin/goldmark/renderer/html"

	"github.com/fromline/fromline/decorations"
)

// inlines writes what is in a paragraph or the like. A style that a tag began
// ends with it.
func (f *flattener) inlines(n ast.Node) {
	before := f.out.styles
	f.inlineChildren(n)
	f.out.styles = before
}

func (f *flattener) inlineChildren(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		f.inline(c)
	}
}

func (f *flattener) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		f.out.text(unescape(n.Value(f.source)))
		if n.HardLineBreak() || n.SoftLineBreak() && !f.options.JoinLines {
			f.out.lineBreak()
		} else if n.SoftLineBreak() {
			f.out.text(" ")
		}
	case *ast.CodeSpan:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			f.out.text(strings.ReplaceAll(string(c.(*ast.Text).Value(f.source)), "\n", " "))
		}
	case *ast.Emphasis:
		f.emphasis([...]decorations.Style{1: decorations.Italic, 2: decorations.Bold, underlined: decorations.Underline}[n.Level], n)
	case *extensions.Strikethrough:
		f.emphasis(decorations.Strikethrough, n)
	case *ast.Link:
		f.link(n, n.Destination)
	case *ast.Image:
		f.link(n, n.Destination)
	case *ast.AutoLink:
		f.out.text(string(n.Label(f.source)))
	case *ast.RawHTML:
		f.rawHTML(string(n.Segments.Value(f.source)))
	}
}

func (f *flattener) emphasis(style decorations.Style, n ast.Node) {
	f.out.styles[style]++
	f.inlineChildren(n)
	f.out.styles[style]--
}

// link writes the text of a link and its URL, once if they are the same.
func (f *flattener) link(n ast.Node, destination []byte) {
	url := unescape(destination)
	if url == "" {
		f.inlineChildren(n)
		return
	}
	f.out.startLine()
	start := f.out.value.Len()
	f.inlineChildren(n)
	switch shown := f.out.value.String()[start:]; {
	case url == shown || url == "mailto:"+shown: // it is said already
	case shown == "":
		f.out.text(url)
	default:
		f.out.text(" (" + url + ")")
	}
}

// rawHTML writes a tag as it is, unless it breaks the line or underlines.
func (f *flattener) rawHTML(tag string) {
	name := strings.ToLower(strings.Trim(tag, "<>/ "))
	switch {
	case name == "br":
		f.out.lineBreak()
	case f.options.Underline == Tags && (name == "u" || name == "ins") && tag[1] != '/':
		f.out.styles[decorations.Underline]++
	case f.options.Underline == Tags && (name == "u" || name == "ins") && f.out.styles[decorations.Underline] > 0:
		f.out.styles[decorations.Underline]--
	default:
		f.out.text(tag)
	}
}

// unescape resolves backslashes and entities. Goldmark does so only on the way
// to HTML, from which the standard library brings the text back.
func unescape(b []byte) string {
	if !bytes.ContainsAny(b, `\&`) {
		return string(b)
	}
	var escaped bytes.Buffer
	w := bufio.NewWriter(&escaped)
	goldmark.DefaultWriter.Write(w, b)
	_ = w.Flush() // a Buffer takes everything
	return html.UnescapeString(escaped.String())
}
