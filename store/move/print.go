package move

import (
	"fmt"
	"io"
	"log/slog"
)

const name = "move.Following"

// Format prints that it is a copy on its way, and nothing of what is copied.
func (*Following) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, name) }

// LogValue returns what Format prints.
func (*Following) LogValue() slog.Value { return slog.StringValue(name) }
