package move

import (
	"fmt"
	"io"
	"log/slog"
)

const name = "move.Following"

// Format prints a fixed name, and nothing of the data that is copied.
func (*Following) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, name) }

// LogValue returns what Format prints.
func (*Following) LogValue() slog.Value { return slog.StringValue(name) }
