//go:build unix

package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program fits on a page.
func TestSixtyLines(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	require.LessOrEqual(t, bytes.Count(text, []byte("\n")), 60)
}

// TestEmbed builds the program and runs it twice in a directory with one line in
// the table: each run sends, delivers, and ends in order on a signal; the second
// one goes on in the chat of the first.
func TestEmbed(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "embed")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	app, err := sql.Open("sqlite", filepath.Join(dir, "app.db"))
	require.NoError(t, err)
	_, err = app.Exec(`CREATE TABLE lines (tenant TEXT, number TEXT, status TEXT);
		INSERT INTO lines VALUES ('acme', '+14155550102', 'ACTIVE'), ('acme', '+12055550101', 'FLAGGED')`)
	require.NoError(t, err)
	require.NoError(t, app.Close())

	for _, branch := range []string{"new chat", "reuse chat"} {
		cmd := exec.Command(program, "+14155559876", "Hi!")
		cmd.Dir = dir
		delivered, err := cmd.StdoutPipe()
		require.NoError(t, err)
		var logged strings.Builder
		cmd.Stderr = &logged
		require.NoError(t, cmd.Start())
		line, err := bufio.NewReader(delivered).ReadString('\n')
		if err != nil {
			_ = cmd.Wait()
			t.Fatalf("nothing is delivered: %v\n%s", err, logged.String())
		}
		require.Contains(t, line, `from +14155550102: {"parts":[{"type":"text","value":"Hi!"}]}`)
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_, err = io.Copy(io.Discard, delivered)
		require.NoError(t, err)
		require.NoError(t, cmd.Wait(), "%s", logged.String())
		require.Contains(t, logged.String(), branch)
		require.NotContains(t, logged.String(), "9876")
	}
}
