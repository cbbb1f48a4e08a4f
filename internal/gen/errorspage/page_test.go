package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
)

const root = "../../.."

// What lies in the repository is what the tables give, and nothing else lies
// beside the pages.
func TestFilesAreCurrent(t *testing.T) {
	want, err := outputs(root)
	require.NoError(t, err)
	for path, text := range want {
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(text), string(got), "%s: run go generate ./validate", path)
	}
	there, err := os.ReadDir(pagesDir(root))
	require.NoError(t, err)
	require.Len(t, there, len(want)-2, "docs/errors.md and pages_gen.go lie elsewhere")
}

// A page asks for nothing beside itself: no script, no link, no image, no style
// from elsewhere, so that its policy can forbid all of them.
func TestPagesStandAlone(t *testing.T) {
	files, err := htmlFiles(root)
	require.NoError(t, err)
	for path, text := range files {
		if !strings.HasSuffix(path, ".html") {
			continue
		}
		page := strings.ToLower(string(text))
		for _, never := range []string{"<script", "<link", "<img", "<a ", "src=", "@import", "style=", "http-equiv", "onload", "<iframe"} {
			require.NotContains(t, page, never, path)
		}
		require.Equal(t, 1, strings.Count(page, "<style>"+strings.ToLower(style)+"</style>"), path)
		require.Contains(t, style, "color-scheme:light dark")
	}
}

// Everything that an answer can name is on the page, and every row of a table has as many cells as its head.
func TestPageIsWhole(t *testing.T) {
	page, err := render(root)
	require.NoError(t, err)
	for code := range fault.Codes() {
		require.Contains(t, string(page), "\n| "+code.String()+" | ")
	}
	for rule := range fault.Rules() {
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
