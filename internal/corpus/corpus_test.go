package corpus

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// An entry is parsed as the fuzzer wrote it, with any arguments.
func TestArguments(t *testing.T) {
	require.Equal(t, []string{"\xff(\"})\n", "", ")"}, arguments("go test fuzz v1\n[]byte(\"\\xff(\\\"})\\n\")\nbool(true)\nstring(\"\")\nstring(\")\")\n"))
	require.Empty(t, arguments("go test fuzz v1\nint(5)\n"))
}

// Found returns the entries in testdata, and those of the fuzzer if a directory
// is named.
func TestFound(t *testing.T) {
	t.Setenv(CacheVariable, "")
	entries, err := Found("../..", "delivery", "FuzzNothingIsLostAndOrderIsKept")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	require.Len(t, entries[0], 1)
	entries, err = Found("../..", "delivery", "FuzzNothing")
	require.NoError(t, err)
	require.Empty(t, entries)

	cache := t.TempDir()
	t.Setenv(CacheVariable, cache)
	require.NoError(t, os.MkdirAll(filepath.Join(cache, "delivery", "FuzzNothing"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(cache, "delivery", "FuzzNothing", "1"), []byte("go test fuzz v1\nstring(\"a\")\n"), 0o600))
	entries, err = Found("../..", "delivery", "FuzzNothing")
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a"}}, entries)
}

// Every body has a mark and a name of its own, and differs from the others.
func TestBodies(t *testing.T) {
	bodies, names := map[string]bool{}, map[string]bool{}
	for _, m := range AllMalformed() {
		body, offset := m.Body()
		require.False(t, bodies[body] || names[m.Name], m.Name)
		require.LessOrEqual(t, offset, len(body))
		bodies[body], names[m.Name] = true, true
	}
	for _, body := range Requests() {
		require.False(t, bodies[body], body)
		require.True(t, utf8.ValidString(body))
		bodies[body] = true
	}
}
