package message

import (
	"fmt"
	"log/slog"
)

// Format prints how many recipients and parts a request has, and none of its
// values, under every verb. [Request.MarshalJSON] writes all of it.
func (r Request) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), r.outline())
}

// LogValue returns what Format prints.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.outline()) }

func (r *Request) outline() string {
	parts := 0
	if r.Message != nil {
		parts = len(r.Message.Parts)
	}
	return fmt.Sprintf("request to %d with %d parts, excluding %d", len(r.To), parts, len(r.ExcludeFrom))
}

// Format prints the number of parts and no content, under every verb.
func (c Content) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.outline())
}

// LogValue returns what Format prints.
func (c Content) LogValue() slog.Value { return slog.StringValue(c.outline()) }

func (c *Content) outline() string { return fmt.Sprintf("content of %d parts", len(c.Parts)) }

// Format prints the length of the text, and not the text, under every verb.
func (p TextPart) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), p.outline())
}

// LogValue returns what Format prints.
func (p TextPart) LogValue() slog.Value { return slog.StringValue(p.outline()) }

func (p *TextPart) outline() string {
	length := 0
	if p.Value != nil {
		length = len(*p.Value)
	}
	return fmt.Sprintf("text of %d bytes", length)
}
