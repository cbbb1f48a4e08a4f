package markdown

import (
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extensions "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/width"
)

// underlined is the level of emphasis that stands for underlined text. Markdown
// itself has levels 1 and 2.
const underlined = 3

// delimiters parses runs of asterisks, underscores and tildes as goldmark does,
// but decides itself which of them may begin and end a style.
type delimiters struct{ options Options }

func (delimiters) Trigger() []byte { return []byte{'*', '_', '~'} }

func (d delimiters) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	before := block.PrecendingCharacter()
	run := parser.ScanDelimiter(line, before, 1, styling{d.options, line[0]})
	if run.Char == '~' && (run.OriginalLength > 2 || before == '~') {
		return nil
	}
	if isVariationSelector(before) {
		before = selected(block.Source()[:segment.Start])
	}
	after := ' '
	if run.OriginalLength < len(line) {
		after = util.ToRune(line, run.OriginalLength)
	}
	d.flank(run, before, after)
	run.Segment = segment.WithStop(segment.Start + run.OriginalLength)
	block.Advance(run.OriginalLength)
	pc.PushDelimiter(run)
	return run
}

// flank lets a run begin or end a style in more places than CommonMark does.
func (d delimiters) flank(run *parser.Delimiter, before, after rune) {
	spaceBefore, spaceAfter := util.IsSpaceRune(before), util.IsSpaceRune(after)
	switch {
	case run.Char == '_' || d.options.Flanking == CommonMark:
	case d.options.Flanking == Spaces && run.OriginalLength > 1:
		run.CanOpen, run.CanClose = !spaceAfter, !spaceBefore
	case isCJK(before) || isCJK(after):
		run.CanOpen, run.CanClose = !spaceAfter, !spaceBefore
	}
}

// isCJK reports whether r is of a script that is written without spaces between
// words, or of its punctuation: wide, full width or half width, but no emoji;
// or Hangul. The proposal to change CommonMark has the same set, but for a few
// symbols.
func isCJK(r rune) bool {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianHalfwidth:
		return !unicode.Is(unicode.So, r) && (r < 0x1f000 || r > 0x1faff)
	}
	return unicode.Is(unicode.Hangul, r)
}

// isVariationSelector reports whether r says how the character before it looks.
func isVariationSelector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

// selected returns the last character of text that is no variation selector.
func selected(text []byte) rune {
	for len(text) > 0 {
		r, n := utf8.DecodeLastRune(text)
		if !isVariationSelector(r) {
			return r
		}
		text = text[:len(text)-n]
	}
	return ' '
}

// styling makes a style of two matching runs of one character.
type styling struct {
	options Options
	char    byte
}

func (m styling) IsDelimiter(b byte) bool { return b == m.char }

func (styling) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (m styling) OnMatch(consumed int) ast.Node {
	switch {
	case m.char == '~':
		return extensions.NewStrikethrough()
	case m.char == '_' && consumed == 2 && m.options.Underline == DoubleUnderscore:
		return ast.NewEmphasis(underlined)
	}
	return ast.NewEmphasis(consumed)
}
