package etcd

import (
	"fmt"
	"io"
	"log/slog"
)

const name = "etcd.Store"

// Format prints that it is a store, and nothing of what it holds or is reached
// by. It takes no lock.
func (*Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, name) }

// LogValue returns what Format prints.
func (*Store) LogValue() slog.Value { return slog.StringValue(name) }
