package markdown

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fromline/fromline/decorations"
)

// ErrNoMarkdown is returned for a text that no Markdown stands for. It comes
// wrapped with the reason, if one is known.
var ErrNoMarkdown = errors.New("no Markdown stands for the text")

// Format writes Markdown that Parse, with the same options, reads as t with its
// decorations normalised. There is Markdown, of up to [MaxSource] bytes, for
// every text without U+0000 that has no decorations, and for styles on whole
// words (with [DoubleUnderscore], if they nest). There is none for animations,
// for underlined text unless the options say how, for most styles that begin or
// end with a space, and for some that begin or end inside a word: then the
// error is [ErrNoMarkdown]. Format never writes Markdown that reads as
// something else.
func (o Options) Format(t Text) (string, error) {
	if err := o.check(); err != nil {
		return "", err
	}
	for _, f := range decorations.Check(t.Value, t.Decorations) {
		if f.Kind != decorations.TooMany {
			return "", fmt.Errorf("markdown: %w: %v", ErrNoMarkdown, f)
		}
	}
	want := Text{Value: t.Value, Decorations: decorations.Normalize(t.Decorations)}
	// What surrounds an asterisk decides whether it is one or begins emphasis,
	// so reading it back is the only proof.
	for _, marks := range o.marks() {
		for _, d := range want.Decorations {
			if marks[d.Style].open == "" {
				return "", fmt.Errorf("markdown: %w: %v is not Markdown", ErrNoMarkdown, look(d))
			}
		}
		source := compose(want, marks)
		got, err := o.Parse(source)
		if err != nil {
			return "", fmt.Errorf("markdown: %w: %v", ErrNoMarkdown, err)
		}
		if got.Value == want.Value && slices.Equal(got.Decorations, want.Decorations) {
			return source, nil
		}
	}
	return "", fmt.Errorf("markdown: %w: a style begins or ends where no mark can stand; try the ends of words", ErrNoMarkdown)
}

func look(d decorations.Decoration) fmt.Stringer {
	if d.Style != 0 {
		return d.Style
	}
	return d.Animation
}

// mark is what stands before and after styled text.
type mark struct {
	open, close string
}

// marks has the mark of each style; that of a style without one is empty.
type marks [decorations.Underline + 1]mark

// marks returns what to try, the usual first. Where bold and italic meet, they
// may stay apart only by other characters.
func (o Options) marks() []marks {
	usual := marks{
		decorations.Bold:          {"**", "**"},
		decorations.Italic:        {"*", "*"},
		decorations.Strikethrough: {"~~", "~~"},
	}
	switch o.Underline {
	case DoubleUnderscore:
		usual[decorations.Underline] = mark{"__", "__"}
	case Tags:
		usual[decorations.Underline] = mark{"<u>", "</u>"}
	}
	other := usual
	other[decorations.Italic] = mark{"_", "_"}
	return []marks{usual, other}
}
