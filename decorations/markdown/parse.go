package markdown

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/fromline/fromline/decorations"
)

// Parse reads Markdown. Every valid UTF-8 is Markdown, so the only errors are [decorations.ErrText], [ErrTooLong] and
// options that are not known. The decorations are normalised, and [decorations.Check] finds nothing wrong with them
// unless there are too many. U+0000 becomes U+FFFD, and every end of line "\n", as CommonMark has it.
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
	inlines := append(parser.DefaultInlineParsers(), util.Prioritized(extension.NewStrikethroughParser(), 500))
	if o.Underline == DoubleUnderscore {
		inlines = append(inlines, util.Prioritized(underscores{}, 450)) // before the usual emphasis
	}
	return parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(inlines...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
}

// underlined is the level of emphasis that stands for underlined text. Markdown itself has levels 1 and 2.
const underlined = 3

// underscores parses emphasis by underscores, so that two of them can mean something else than two asterisks.
type underscores struct{}

func (underscores) Trigger() []byte { return []byte{'_'} }

func (u underscores) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	run := parser.ScanDelimiter(line, block.PrecendingCharacter(), 1, u)
	if run == nil {
		return nil
	}
	run.Segment = segment.WithStop(segment.Start + run.OriginalLength)
	block.Advance(run.OriginalLength)
	pc.PushDelimiter(run)
	return run
}

func (underscores) IsDelimiter(b byte) bool { return b == '_' }

func (underscores) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (underscores) OnMatch(consumed int) ast.Node {
	if consumed == 2 {
		return ast.NewEmphasis(underlined)
	}
	return ast.NewEmphasis(consumed)
}
