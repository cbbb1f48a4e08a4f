package inbound

import (
	"fmt"
	"io"
	"log/slog"
)

// Text is the text that a person wrote. It prints as an ellipsis under every
// verb and in logs; a conversion to string returns the text itself.
type Text string

// Format prints an ellipsis.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "…") }

// LogValue returns what Format prints.
func (t Text) LogValue() slog.Value { return slog.StringValue("…") }
