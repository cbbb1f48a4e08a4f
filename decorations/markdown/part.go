package markdown

import (
	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/message"
)

// Part reads Markdown with the zero [Options] and returns it as a part of a
// message. The error is that of [Parse]. What a message may hold at most, such
// as 10,000 characters and 100 decorations, is for the check of the whole
// request.
func Part(source string) (*message.TextPart, error) {
	t, err := Parse(source)
	if err != nil {
		return nil, err
	}
	return t.Part(), nil
}

// Part returns the text as a part of a message.
func (t Text) Part() *message.TextPart {
	part := message.Text(t.Value)
	for _, d := range t.Decorations {
		part.TextDecorations = append(part.TextDecorations, decoration(d))
	}
	return part
}

// decoration returns a decoration in the words of a message.
func decoration(d decorations.Decoration) message.Decoration {
	out := message.Decoration{Range: []int64{int64(d.Start), int64(d.End)}}
	if d.Style != 0 {
		out.Style = new(d.Style.String())
	}
	if d.Animation != 0 {
		out.Animation = new(d.Animation.String())
	}
	return out
}
