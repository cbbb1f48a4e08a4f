package etcd

import (
	"fmt"
	"io"
	"log/slog"
)

const name = "etcd.Store"

// Format prints a fixed name, and nothing of the data or the addresses of the
// cluster. It takes no lock.
func (*Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, name) }

// LogValue returns what Format prints.
func (*Store) LogValue() slog.Value { return slog.StringValue(name) }
