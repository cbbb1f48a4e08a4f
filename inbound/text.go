package inbound

import (
	"fmt"
	"io"
	"log/slog"
)

// Text is what a person wrote. It prints as an ellipsis under every verb and in
// logs; a conversion to string gives what was written.
type Text string

// Format implements fmt.Formatter.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "…") }

// LogValue implements slog.LogValuer.
func (t Text) LogValue() slog.Value { return slog.StringValue("…") }
