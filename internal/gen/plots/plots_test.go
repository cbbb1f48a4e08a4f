package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../../.."

// The pictures in the repository show the latest results.
func TestPlotsAreCurrent(t *testing.T) {
	want, err := outputs(root)
	require.NoError(t, err)
	for path, text := range want {
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, string(text) == string(got), "%s: run go generate ./internal/gen/plots", path)
	}
}

// An incomplete table is an error, never an incomplete picture.
func TestTables(t *testing.T) {
	good, err := tableOf("x: day\n| way | n |\n|---|---|\n| a | 1.5 of 64 |\n| b | 2 |\nend\n| c | 3 |\n", "day")
	require.NoError(t, err)
	numbers, err := good.column("n")
	require.NoError(t, err)
	require.Equal(t, []float64{1.5, 2}, numbers)
	for name, c := range map[string]struct{ text, column string }{
		"no such table":   {"x: night\n", "n"},
		"an empty one":    {"x: day\n| way | n |\n|---|---|\n", "n"},
		"no such column":  {"x: day\n| way | n |\n| a | 1 |\n", "m"},
		"the names":       {"x: day\n| way | n |\n| a | 1 |\n", "way"},
		"no number":       {"x: day\n| way | n |\n| a | many |\n", "n"},
		"a cell too few":  {"x: day\n| way | n |\n| a |\n", "n"},
		"a cell too many": {"x: day\n| way | n |\n| a | 1 | 2 |\n", "n"},
	} {
		table, err := tableOf(c.text, "day")
		if err == nil {
			_, err = table.column(c.column)
		}
		require.Error(t, err, name)
	}
}
