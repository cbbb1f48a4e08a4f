//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typing is a command that reads standard input, which stays open, as that of a
// terminal or of a pipe whose writer rests.
type typing struct {
	cmd    *exec.Cmd
	input  io.WriteCloser
	stdout io.Reader
	stderr bytes.Buffer // to be read when it is over
}

func typeInto(t *testing.T, args ...string) *typing {
	t.Helper()
	c := &typing{cmd: subprocess(t, os.Args[0], args...)}
	c.cmd.Env = append(os.Environ(), asCommand+"=1")
	c.cmd.Stderr = &c.stderr
	var err error
	c.input, err = c.cmd.StdinPipe()
	require.NoError(t, err)
	c.stdout, err = c.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() {
		if c.cmd.ProcessState == nil {
			_ = c.cmd.Process.Kill()
			_ = c.cmd.Wait()
		}
	})
	return c
}

// end waits for the command and returns what it printed.
func (c *typing) end(t *testing.T) string {
	t.Helper()
	out, err := io.ReadAll(c.stdout)
	require.NoError(t, err)
	_ = c.cmd.Wait()
	return string(out)
}

// TestImportCanBeInterrupted says that import ends when it is told to while it
// waits for its input, and says where to go on.
func TestImportCanBeInterrupted(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		c := typeInto(t, "import", "-store", "sqlite:"+filepath.Join(t.TempDir(), "chats.db"))
		// More blank lines than a pipe and a reader hold: when all is written, it
		// reads. The two chats are no batch yet, so it waits for more.
		_, err := io.WriteString(c.input, chatOf(1)+"\n"+chatOf(2)+strings.Repeat("\n", 1<<20))
		require.NoError(t, err)
		require.NoError(t, c.cmd.Process.Signal(signal))
		assert.Equal(t, "0 loaded, 0 already there, 0 differs, 0 refused\n", c.end(t))
		assert.Equal(t, exitRefused, c.cmd.ProcessState.ExitCode(), "%v: %s", signal, c.stderr.String())
		assert.Contains(t, c.stderr.String(), "-after 0")
	}
}

// TestRouteCanBeInterrupted says that a signal ends route at once while it
// waits for its next line, and that the answers before it are printed. (SIGINT
// does so too, where the caller of the test has not turned it off.)
func TestRouteCanBeInterrupted(t *testing.T) {
	c := typeInto(t, append(fixed[:len(fixed):len(fixed)], "-store", "sqlite:"+filepath.Join(t.TempDir(), "chats.db"))...)
	_, err := io.WriteString(c.input, sendTo("+14155559876", "hi")+"\n")
	require.NoError(t, err)
	answer := make([]byte, 1)
	_, err = io.ReadFull(c.stdout, answer)
	require.NoError(t, err)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	assert.Contains(t, c.end(t), `"chat_id"`)
	assert.Equal(t, syscall.SIGTERM, c.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
}
