package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/validate"
)

const root = "../../.."

// The page in the repository is the one that the tables give.
func TestPageIsCurrent(t *testing.T) {
	want, err := render(root)
	require.NoError(t, err)
	got, err := os.ReadFile(pagePath(root))
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go generate ./validate")
}

// Everything that an answer can name is on the page, and every row of a table has as many cells as its head.
func TestPageIsWhole(t *testing.T) {
	page, err := render(root)
	require.NoError(t, err)
	for code := range validate.Codes() {
		require.Contains(t, string(page), "\n| "+code.String()+" | ")
	}
	for rule := range validate.Rules() {
		require.Contains(t, string(page), "\n| `"+string(rule)+"` | ")
	}
	rules, err := recipientRules(root)
	require.NoError(t, err)
	require.Greater(t, len(rules), 20)
	for _, r := range rules {
		require.True(t, strings.HasPrefix(r.name, "phone.") || strings.HasPrefix(r.name, "email."), r.name)
		require.NotEmpty(t, r.says, r.name)
	}
	advisories, err := routingAdvisories(root)
	require.NoError(t, err)
	require.Greater(t, len(advisories), 3)
	for _, r := range advisories {
		require.True(t, strings.HasPrefix(r.name, "routing."), r.name)
		require.NotEmpty(t, r.says, r.name)
	}
	cells := 0
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells != 0 {
			require.Equal(t, cells, n, line)
		}
		cells = n
	}
}
