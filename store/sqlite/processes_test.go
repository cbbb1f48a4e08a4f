package sqlite_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fromline/fromline/internal/proctest"
	"github.com/fromline/fromline/store/sqlite"
)

func TestMain(m *testing.M) {
	proctest.Child(openAhead)
	flag.Parse()
	if testing.Short() {
		// The race detector slows this engine, which is Go, down some twenty
		// times.
		if err := flag.Set("rapid.checks", "10"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func openAhead(ctx context.Context, path string, ahead time.Duration) (proctest.Store, error) {
	return sqlite.Open(ctx, path, sqlite.Options{Clock: func() time.Time { return time.Now().Add(ahead) }})
}

// Processes are killed at random. Everything that they acknowledged is in the
// file.
func TestKilledProcesses(t *testing.T) {
	proctest.Kill(t, proctest.Config{Open: openAhead, Source: filepath.Join(t.TempDir(), "fromline.db")})
}

func TestCrowdOfProcesses(t *testing.T) {
	for name, limited := range map[string]bool{"one chat a set": false, "up to the limit": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "fromline.db")
			open(t, path, sqlite.Options{})
			proctest.Crowd(t, openAhead, path, limited)
		})
	}
}

func TestNeighbours(t *testing.T) {
	proctest.Neighbours(t, openAhead, filepath.Join(t.TempDir(), "fromline.db"))
}
