package markdown

import (
	"errors"
	"fmt"

	"github.com/fromline/fromline/decorations"
)

// MaxSource is the greatest number of bytes of Markdown that Parse reads and
// Format writes. The longest text that the endpoint takes has 40,000 bytes. The
// bound exists because the time for Markdown that is written to be hard to
// parse grows with its square.
const MaxSource = 64 << 10

// ErrTooLong is returned for more than [MaxSource] bytes of Markdown.
var ErrTooLong = errors.New("too much Markdown")

// Text is plain text with decorations.
type Text struct {
	Value       string
	Decorations []decorations.Decoration
}

// Options say how Markdown is read and written. The zero value is what [Parse]
// and [Format] use.
type Options struct {
	// Underline is what stands for underlined text, which CommonMark does not
	// have. With the zero value nothing does.
	Underline Underline

	// Flanking is where marks that touch punctuation may stand. The zero value
	// is CommonMark with its proposed change for Chinese, Japanese and Korean.
	Flanking Flanking

	// JoinLines makes a space of a line break within a paragraph, for Markdown
	// that is wrapped at some width. By default the break is kept. A break that
	// is marked as hard (two spaces or a backslash at the end of the line) is
	// always kept.
	JoinLines bool
}

// Underline is a way of writing underlined text in Markdown.
type Underline uint8

const (
	DoubleUnderscore Underline = 1 + iota // __text__, which CommonMark reads as bold; **text** still is
	Tags                                  // <u>text</u>, and when reading also <ins>text</ins>
)

// Flanking says which runs of asterisks and tildes may begin or end a style
// where they touch punctuation. CommonMark decides that by spaces: in
// "**Note:**next" the second run stands between punctuation and a letter, so it
// could only begin something, and all asterisks stay in the text. Chinese and
// Japanese have no spaces between words, and Korean none before particles, so
// programs that write them run into this all the time, as in "**您好，**请看". The
// zero Flanking therefore lets a run next to a character of these scripts, or
// their punctuation, begin a style unless a space follows, and end one unless a
// space comes before. This is the change proposed for CommonMark
// (https://github.com/commonmark/commonmark-spec/issues/650). It alters nothing
// in other text, and nothing about underscores.
type Flanking uint8

const (
	// CommonMark keeps to the letter of the specification.
	CommonMark Flanking = 1 + iota
	// Spaces lets every run of two or more asterisks or tildes begin a style
	// unless a space follows, and end one unless a space comes before, in all
	// scripts. It reads "**Note:**next" as meant, and some nested bold text,
	// such as "**a "**b"**", otherwise than CommonMark does.
	Spaces
)

// Parse reads Markdown with the zero [Options].
func Parse(source string) (Text, error) { return Options{}.Parse(source) }

// Format writes Markdown with the zero [Options].
func Format(t Text) (string, error) { return Options{}.Format(t) }

func (o Options) check() error {
	if o.Underline > Tags {
		return fmt.Errorf("markdown: unknown Underline %d, want DoubleUnderscore, Tags or none", o.Underline)
	}
	if o.Flanking > Spaces {
		return fmt.Errorf("markdown: unknown Flanking %d, want CommonMark, Spaces or none", o.Flanking)
	}
	return nil
}
