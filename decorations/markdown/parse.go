package markdown

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/fromline/fromline/decorations"
)

// Parse reads Markdown. All valid UTF-8 is Markdown, so the only errors are
// [decorations.ErrText], [ErrTooLong] and unknown options. The decorations are
// normalised, and [decorations.Check] finds no fault in them unless there are
// too many. As CommonMark says, U+0000 becomes U+FFFD, and every end of line
// becomes "\n".
func (o Options) Parse(source string) (Text, error) {
	if err := o.check(); err != nil {
		return Text{}, err
	}
	if len(source) > MaxSource {
		return Text{}, fmt.Errorf("markdown: %w: %d bytes, at most %d are read", ErrTooLong, len(source), MaxSource)
	}
	if !utf8.ValidString(source) {
		return Text{}, fmt.Errorf("markdown: %w", decorations.ErrText)
	}
	source = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(source)
	f := flattener{options: o, source: []byte(source)}
	f.children(o.parser().Parse(text.NewReader(f.source)), betweenParagraphs)
	return Text{Value: f.out.value.String(), Decorations: decorations.Normalize(f.out.decorations)}, nil
}

// parser returns a parser of CommonMark with strikethrough and what underlines.
func (o Options) parser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		// 450: before the usual emphasis, which then never sees a mark.
		parser.WithInlineParsers(append(parser.DefaultInlineParsers(), util.Prioritized(delimiters{o}, 450))...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
}
