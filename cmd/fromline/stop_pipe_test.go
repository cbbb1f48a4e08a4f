//go:build unix

package main

import (
	"fmt"
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

// TestStopWithAPipeThatNobodyReads says that a reader of the deliveries that
// rests, of standard output as of a named pipe, does not keep a server that is
// told to stop, that the log says what was left, and that every message was
// written into the pipe or is delivered after the next start.
func TestStopWithAPipeThatNobodyReads(t *testing.T) {
	for _, name := range []string{"standard output", "named pipe"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits for what may be written until then
			db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
			args := []string{"-fleet", write(t, "fleet.json", twoLines), "-store", db, "-addr", "127.0.0.1:0"}
			reading, writing, err := os.Pipe()
			require.NoError(t, err)
			to := "-"
			if name == "named pipe" {
				require.NoError(t, reading.Close())
				to = filepath.Join(t.TempDir(), "pipe")
				require.NoError(t, syscall.Mkfifo(to, 0o600))
				reading, err = os.OpenFile(to, os.O_RDONLY|syscall.O_NONBLOCK, 0) // which waits for no writer
				require.NoError(t, err)
			}
			defer reading.Close()
			// The last tenth of the time is for the store to say what is left.
			p := startWith(t, func(c *exec.Cmd) { c.Stdout = writing }, append(args, "-deliveries", to, "-stop-within", "10s")...)
			const people = 40 // far more than a pipe holds
			for i := range people {
				status, _ := p.send(t, "POST", "/v3/messages", sendTo(fmt.Sprintf("+1415555%04d", 1000+i), strings.Repeat("x", 9000)))
				require.Equal(t, 202, status)
			}
			status := p.stop(t)
			require.NoError(t, writing.Close())
			assert.Contains(t, p.logged(), `"waiting":`)
			assert.Equal(t, status == exitRefused, strings.Contains(p.logged(), "stop cut short"), p.logged())
			t.Logf("exit status %d", status)

			got := map[string]bool{}
			inPipe, err := io.ReadAll(reading)
			require.NoError(t, err)
			for _, d := range deliveries(t, write(t, "read", string(inPipe))) {
				got[d.MessageID] = true
			}
			assert.Less(t, len(got), people)
			file := filepath.Join(t.TempDir(), "deliveries")
			p = start(t, append(args, "-deliveries", file)...)
			eventually(t, func() bool {
				for _, d := range deliveries(t, file) {
					got[d.MessageID] = true
				}
				return len(got) == people
			})
			assert.Equal(t, exitOK, p.stop(t))
		})
	}
}
