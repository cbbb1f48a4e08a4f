package markdown

import (
	"errors"
	"fmt"

	"github.com/fromline/fromline/decorations"
)

// MaxSource is the most bytes of Markdown that Parse reads, and so the most that Format writes. The longest text that
// the endpoint takes has at most 40,000 bytes (docs/rules.md §4); what is hard to parse on purpose grows with the
// square.
const MaxSource = 64 << 10

// ErrTooLong is returned for more than [MaxSource] bytes of Markdown.
var ErrTooLong = errors.New("too much Markdown")

// Text is plain text with decorations.
type Text struct {
	Value       string
	Decorations []decorations.Decoration
}

// Options say how Markdown is read and written. The zero value is what [Parse] and [Format] use.
type Options struct {
	// Underline is what stands for underlined text, which CommonMark has not. The zero value: nothing does.
	Underline Underline

	// JoinLines makes a space of a line break within a paragraph, for Markdown that is wrapped at some width. By
	// default the break is kept. A break that is marked as hard (two spaces or a backslash at the end of the line)
	// always is.
	JoinLines bool
}

// Underline is a way of writing underlined text in Markdown.
type Underline uint8

const (
	DoubleUnderscore Underline = 1 + iota // __text__, which CommonMark reads as bold; **text** still is
	Tags                                  // <u>text</u>, and when reading also <ins>text</ins>
)

// Parse reads Markdown with the zero [Options].
func Parse(source string) (Text, error) { return Options{}.Parse(source) }

// Format writes Markdown with the zero [Options].
func Format(t Text) (string, error) { return Options{}.Format(t) }

func (o Options) check() error {
	if o.Underline > Tags {
		return fmt.Errorf("markdown: unknown Underline %d, want DoubleUnderscore, Tags or none", o.Underline)
	}
	return nil
}
