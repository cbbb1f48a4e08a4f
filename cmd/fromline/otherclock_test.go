//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// otherClock is the variable of the environment that names the file with the
// seconds by which the clock of a command of builtWithAnotherClock is ahead.
const otherClock = "FROMLINE_TEST_CLOCK"

var aheadBy = regexp.MustCompile(`(?m)^fromline_clock_ahead_seconds(?:\{.*\})? (\S+)$`)

// clockOfFile is added to package time. Monotonic readings stay what they are,
// as when the clock of a machine is set.
const clockOfFile = `package time

import (
	"sync/atomic"
	"syscall"
)

var aheadBy atomic.Int64

func init() {
	name, _ := syscall.Getenv("` + otherClock + `")
	read := func() {
		if text, err := readFile(name); err == nil {
			if by, err := atoi(text); err == nil {
				aheadBy.Store(int64(by))
			}
		}
	}
	read()
	go func() {
		for {
			Sleep(20 * Millisecond)
			read()
		}
	}()
}
`

// builtWithAnotherClock builds the command with a package time of which Now
// adds the seconds of a file. No line of the command is another one.
func builtWithAnotherClock(t *testing.T) (binary string) {
	t.Helper()
	dir := t.TempDir()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	library := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	text, err := os.ReadFile(filepath.Join(library, "time.go"))
	require.NoError(t, err)
	const reads = "\tsec, nsec, mono := runtimeNow()\n"
	require.Equal(t, 1, strings.Count(string(text), reads), "time.Now of %s reads the clock in another way", runtime.Version())
	replaced := map[string]string{
		filepath.Join(library, "time.go"):    write(t, "time.go", strings.Replace(string(text), reads, reads+"\tsec += aheadBy.Load()\n", 1)),
		filepath.Join(library, "aheadby.go"): write(t, "aheadby.go", clockOfFile),
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	require.NoError(t, err)
	binary = filepath.Join(dir, "fromline")
	runTool(t, ".", "go", "build", "-buildvcs=false", "-overlay", write(t, "overlay.json", string(overlay)), "-o", binary, ".")
	return binary
}
