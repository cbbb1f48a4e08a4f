//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tables of the server in the pages say what was measured last.
func TestTablesAreCurrent(t *testing.T) {
	root := filepath.Join("..", "..")
	filled, err := fillPages(root, filepath.Join(root, "bench", "results"))
	require.NoError(t, err)
	for name, text := range filled {
		page, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.True(t, string(page) == text, "%s: run go run ./internal/httpload -pages .", name)
	}
}

// Each part stands in one page: none is lost, and none stands twice.
func TestAPartStandsOnce(t *testing.T) {
	text := ""
	for _, p := range parts {
		text += "<!-- " + p.name + " -->\n<!-- end of " + p.name + " -->\n"
	}
	for _, c := range []struct {
		first, second string
		fits          bool
	}{
		{text, "", true},
		{"", text, true},
		{text, text, false},
		{text, "<!-- goals -->\n<!-- end of goals -->\n", false},
		{text[1:], "", false},
		{text[:len(text)-2], "", false},
	} {
		root := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(root, "docs"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(root, pages[0]), []byte(c.first), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(root, pages[1]), []byte(c.second), 0o600))
		_, err := fillPages(root, filepath.Join("..", "..", "bench", "results"))
		assert.Equal(t, c.fits, err == nil, "%v", err)
	}
}

func TestMedians(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.txt")
	require.NoError(t, os.WriteFile(path, []byte(`# a comment
0  16 memory 1000 1.5ms 20ms 50.5 0.0 0.00 0.000 0.990 60.0 0 1.0
1  16 memory 3000 800µs 10ms 40.5 2.0 0.00 0.000 0.980 60.0 0 1.0
2  16 memory 2000 2s 1m2s 45.0 1.0 0.00 0.000 1.000 60.0 0 1.0
2  64 memory 9 2s 1m2s 45.0 1.0 0.00 0.000 1.000 60.0 0 1.0
PASS
`), 0o600))
	all, err := rows(path)
	require.NoError(t, err)
	seen := results(all)
	assert.InDelta(t, 2000, seen.of("memory", 16, colRate), 1e-9)
	assert.InDelta(t, 1.5, seen.of("memory", 16, colP50), 1e-9)
	assert.InDelta(t, 20, seen.of("memory", 16, colP99), 1e-9)
	assert.InDelta(t, 46, seen.cpu("memory", 16), 1e-9)
	assert.InDelta(t, 0.99, leastHanded(seen), 1e-9)
	_, is := seen.median("memory", 1, colRate)
	assert.False(t, is)
}

func TestGoals(t *testing.T) {
	for _, g := range []struct {
		goal
		met bool
	}{
		{goal{"a", []float64{5, 9}, true, []float64{5, 9.1}}, true},
		{goal{"a", []float64{5, 9}, true, []float64{5, 8.9}}, false},
		{goal{"a", []float64{0.5}, false, []float64{0.5}}, true},
		{goal{"a", []float64{0.5}, false, []float64{0.51}}, false},
	} {
		var got table
		got.row("", "goal", "measured", "")
		g.row(&got)
		assert.Contains(t, got.String(), met(g.met))
		assert.NotContains(t, got.String(), "| "+met(!g.met)+" |")
	}
}

func TestFiguresOfTables(t *testing.T) {
	for want, got := range map[string]string{
		"7": count(7.4), "1,000": count(1000), "22,393": count(22393), "1,234,567": count(1234567),
		"0.03 ms": ms(0.03), "1.8 ms": ms(1.8), "179 ms": ms(178.6),
		"0.90": times(0.9), "6.5": times(6.45), "1.21": times(1.21),
	} {
		assert.Equal(t, want, got)
	}
}

func TestLinesOfBenchmarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.txt")
	require.NoError(t, os.WriteFile(path, []byte(`# a comment
pkg: github.com/fromline/fromline/store/memory
BenchmarkStore/heard/callers=16-2         	     300	      1193 ns/op	         0 conflicts/op
pkg: github.com/fromline/fromline
BenchmarkFull-2   	       5	      6054 few-cpu-ns/send	         1.046 full/few
`), 0o600))
	got, err := benchmarks(path)
	require.NoError(t, err)
	assert.Equal(t, []benchmark{
		{"memory", "Store/heard/callers=16", map[string]float64{"ns/op": 1193, "conflicts/op": 0}},
		{"fromline", "Full", map[string]float64{"few-cpu-ns/send": 6054, "full/few": 1.046}},
	}, got)
}
