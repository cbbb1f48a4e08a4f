package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
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
	scheme, path, err := splitStore(name)
	if err != nil {
		return nil, nil, err
	}
	switch scheme {
	case "memory":
		s := memory.New(memory.Options{})
		return s, s, nil
	case "sqlite":
		s, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			return nil, nil, fmt.Errorf("-store %s: %w", name, err)
		}
		return s, s, nil
	}
	return openPostgres(ctx, name, postgres.Options{})
}

// openPostgres opens the store at a URL. The URL may hold a password: it is in no
// error.
func openPostgres(ctx context.Context, url string, o postgres.Options) (store.ChatStore, io.Closer, error) {
	s, err := postgres.Open(ctx, url, o)
	if err != nil {
		return nil, nil, fmt.Errorf("-store: %w", err)
	}
	return s, s, nil
}

// splitStore returns which store a -store flag names, memory, sqlite or postgres,
// and what stands behind the colon. What it does not understand may be a secret:
// its errors repeat no more of it than a word before a colon, and a name that
// says of itself that it is a file.
func splitStore(name string) (scheme, rest string, err error) {
	scheme, rest, found := strings.Cut(name, ":")
	switch {
	case found && scheme == "memory":
		if rest != "" {
			return "", "", errors.New("-store memory: takes nothing behind the colon")
		}
		return "memory", "", nil
	case found && scheme == "sqlite":
		if rest == "" {
			return "", "", errors.New("-store sqlite: lacks the file: name it, as in sqlite:chats.db")
		}
		return "sqlite", rest, nil
	case strings.HasPrefix(name, "postgres://"), strings.HasPrefix(name, "postgresql://"):
		return "postgres", rest, nil
	case strings.Contains(name, "=") && !strings.Contains(name, "://"):
		return "", "", errors.New("-store: give PostgreSQL as a URL, as in postgres://USER@HOST/DATABASE, and not as keys and values")
	case databaseFile.MatchString(name):
		return "", "", fmt.Errorf("-store %s lacks the kind of store: for a file of SQLite give sqlite:%[1]s", name)
	case found && word.MatchString(scheme):
		return "", "", fmt.Errorf("-store: %q is no store: use memory:, sqlite:PATH or postgres://…", scheme+":")
	}
	return "", "", errors.New("-store: that is no store: use memory:, sqlite:PATH or postgres://…")
}

// What may be repeated of a -store that is not understood.
var (
	word         = regexp.MustCompile(`^[a-z]+$`)
	databaseFile = regexp.MustCompile(`^[\w./ -]+\.(db|db3|sqlite|sqlite3)$`)
)
