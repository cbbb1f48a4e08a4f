//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
	"github.com/fromline/fromline/internal/pgtest"
)

// gateway takes messages when it is up, by their ids.
type gateway struct {
	mu    sync.Mutex
	up    bool
	taken map[string]int
}

func (n *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.up {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	n.taken[r.Header.Get("Idempotency-Key")]++
}

func (n *gateway) has(ids ...string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		if n.taken[id] == 0 {
			return false
		}
	}
	return true
}

// TestBackupAndRestore does what the page for operators says of backups: one is
// made while the server serves, and what it holds is there after a restore:
// keys are replayed, messages that waited go out, and what came after it is
// decided anew under the same ids.
func TestBackupAndRestore(t *testing.T) {
	for name, c := range map[string]struct {
		programs        map[string]string // and the packages of them
		backup, restore string            // a word of the commands
	}{
		"sqlite":   {map[string]string{"sqlite3": "sqlite3"}, ".backup", "rm -f chats.db"},
		"postgres": {map[string]string{"pg_dump": "postgresql-client", "psql": "postgresql-client"}, "pg_dump", "DROP SCHEMA"},
	} {
		t.Run(name, func(t *testing.T) {
			for program, debian := range c.programs {
				needed.Program(t, program, debian)
			}
			backup, restore := blockOf(t, "operations.md", c.backup).text, blockOf(t, "operations.md", c.restore).text
			dir := t.TempDir()
			t.Chdir(dir)
			db := "sqlite:chats.db"
			if name == "postgres" {
				db = pgtest.Database(t)
			}
			script := "#!/bin/sh\n" + asCommand + "=1 exec " + os.Args[0] + ` "$@"` + "\n"
			require.NoError(t, os.WriteFile(filepath.Join(dir, "fromline"), []byte(script), 0o700))
			shell := func(commands string) {
				t.Helper()
				cmd := subprocess(t, "sh", "-euc", commands)
				cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "DATABASE="+db)
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s", out)
			}
			far := &gateway{taken: map[string]int{}}
			receiver := httptest.NewServer(far)
			defer receiver.Close()
			serve := func() *process {
				return start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", db, "-deliver-url", receiver.URL, "-addr", "127.0.0.1:0")
			}
			send := func(p *process, n int) string {
				t.Helper()
				status, answer := p.send(t, http.MethodPost, "/v3/messages", sendTo(fmt.Sprintf("+1415555987%d", n), "hi"), "Idempotency-Key", fmt.Sprint("key ", n))
				require.Equal(t, http.StatusAccepted, status, "%v", answer)
				return answer["message"].(map[string]any)["id"].(string)
			}

			p := serve()
			first, second := send(p, 1), send(p, 2)
			shell(backup)
			third := send(p, 3)
			require.Equal(t, exitOK, p.stop(t))
			shell(restore)

			far.mu.Lock()
			far.up = true
			far.mu.Unlock()
			p = serve()
			assert.Equal(t, first, send(p, 1), "its record is in the backup")
			eventually(t, func() bool { return strings.Contains(p.logged(), `"replay":true`) })
			assert.Equal(t, third, send(p, 3), "it is decided anew, under its id")
			eventually(t, func() bool { return far.has(first, second, third) })
			require.Equal(t, exitOK, p.stop(t))
			examined := examine(t, "-store", db)
			assert.Empty(t, examined.wrong)
		})
	}
}
