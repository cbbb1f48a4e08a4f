//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The server's pictures in the repository show the latest results.
func TestPlotsAreCurrent(t *testing.T) {
	results, dir := filepath.Join("..", "..", "bench", "results"), t.TempDir()
	for _, name := range []string{"server.txt", "server-open.txt"} {
		text, err := os.ReadFile(filepath.Join(results, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	require.NoError(t, drawAll(dir))
	for _, name := range []string{"server-rates.svg", "server-cpu.svg", "server-open.svg"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(results, name))
		require.NoError(t, err)
		require.True(t, string(want) == string(got), "%s: run go run ./internal/httpload -pages .", name)
	}
}
