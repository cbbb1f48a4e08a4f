package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// openStore opens the store that a -store flag names. The closer is to be
// closed when the store is no longer used.
func openStore(_ context.Context, name string) (store.ChatStore, io.Closer, error) {
	scheme, rest, _ := strings.Cut(name, ":")
	switch scheme {
	case "memory":
		if rest != "" {
			return nil, nil, fmt.Errorf("-store %q: memory: takes nothing behind the colon", name)
		}
		s := memory.New(memory.Options{})
		return s, s, nil
	}
	return nil, nil, fmt.Errorf("-store %q: use memory:", name)
}
