package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program fits on a page.
func TestSixtyLines(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	require.LessOrEqual(t, bytes.Count(text, []byte("\n")), 60)
}

// TestEmbed builds the program and runs it twice in one directory: the first
// run prints what its comments say, and the second one goes on in the chat that
// the first one left.
func TestEmbed(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	var said strings.Builder
	for _, m := range regexp.MustCompile(`// prints (.*\n)`).FindAllSubmatch(text, -1) {
		said.Write(m[1])
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "embed")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)

	for _, want := range []string{said.String(), strings.Repeat("reused_active_chat +12055550101\n", 3)} {
		cmd := exec.Command(program)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, want, string(out))
	}
}
