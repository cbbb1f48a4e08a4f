package corpus

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// An entry is read as the fuzzer wrote it, whatever its arguments hold.
func TestArguments(t *testing.T) {
	require.Equal(t, []string{"\xff(\"})\n", "", ")"}, arguments("go test fuzz v1\n[]byte(\"\\xff(\\\"})\\n\")\nbool(true)\nstring(\"\")\nstring(\")\")\n"))
	require.Empty(t, arguments("go test fuzz v1\nint(5)\n"))
}

// What lies in testdata is found; what the fuzzer found is another machine's.
func TestFound(t *testing.T) {
	entries, err := Found("../..", "delivery", "FuzzNothingIsLostAndOrderIsKept")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	require.Len(t, entries[0], 1)
	entries, err = Found("../..", "delivery", "FuzzNothing")
	require.NoError(t, err)
	require.Empty(t, entries)
}

// Every body has a mark, a name of its own, and is something else than the others.
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
