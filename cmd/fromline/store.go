package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

// storeUsage describes the -store flag of every sub-command.
const storeUsage = "where chats and decisions are kept: memory:, sqlite:PATH or postgres://…"

// openStore opens the store that a -store flag names. The closer is to be
// closed when the store is no longer used.
func openStore(ctx context.Context, name string) (store.ChatStore, io.Closer, error) {
	scheme, rest, _ := strings.Cut(name, ":")
	switch scheme {
	case "memory":
		if rest != "" {
			return nil, nil, fmt.Errorf("-store %q: memory: takes nothing behind the colon", name)
		}
		s := memory.New(memory.Options{})
		return s, s, nil
	case "sqlite":
		if rest == "" {
			return nil, nil, fmt.Errorf("-store %q: name the file, as in sqlite:chats.db", name)
		}
		s, err := sqlite.Open(ctx, rest, sqlite.Options{})
		if err != nil {
			return nil, nil, fmt.Errorf("-store %s: %w", name, err)
		}
		return s, s, nil
	case "postgres", "postgresql":
		// The URL may hold a password: it is in no error.
		s, err := postgres.Open(ctx, name, postgres.Options{})
		if err != nil {
			return nil, nil, fmt.Errorf("-store: %w", err)
		}
		return s, s, nil
	}
	return nil, nil, fmt.Errorf("-store: %q is no store: use memory:, sqlite:PATH or postgres://…", scheme+":")
}
