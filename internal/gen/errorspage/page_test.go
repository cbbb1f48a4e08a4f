package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
)

const root = "../../.."

// The files in the repository are those that the tables give, and there is no
// other file beside the pages.
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

// A page loads nothing: it has no script, link, image or external style. So its
// policy can forbid all of them.
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

// The server refuses each example with its fault and no other, and accepts the
// mended one.
func TestExamplesAreTrue(t *testing.T) {
	for _, e := range entries() {
		t.Run(e.rule, func(t *testing.T) {
			_, err := e.proved(t.Context())
			require.NoError(t, err)
			require.NotEqual(t, e.wrong, e.right)
			require.True(t, e.cause != "" && e.mend != "")
		})
	}
}

// A false example is found: both halves count.
func TestFalseExamplesAreFound(t *testing.T) {
	good, bad := to(`["+14155559876"]`), to(`["+1 415 555 9876"]`)
	for name, e := range map[string]entry{
		"accepted":     {rule: "phone.space", wrong: good, right: good},
		"another rule": {rule: "phone.plus", wrong: bad, right: good},
		"not mended":   {rule: "phone.space", wrong: bad, right: bad},
		"two faults":   {rule: "phone.space", wrong: to(`["+1 415 555 9876", "x"]`), right: good},
	} {
		_, err := e.proved(t.Context())
		require.Error(t, err, name)
	}
}

// The page has everything that an answer can name, and every row of a table has
// as many cells as its head.
func TestPageIsWhole(t *testing.T) {
	page, err := render(root)
	require.NoError(t, err)
	for code := range fault.Codes() {
		require.Contains(t, string(page), "\n| "+code.String()+" | ")
	}
	told := map[string]bool{}
	for _, e := range entries() {
		require.False(t, told[e.rule], "%s is there twice", e.rule)
		told[e.rule] = true
	}
	for rule := range fault.Rules() {
		if strings.HasPrefix(string(rule), "advisory.") {
			require.Contains(t, string(page), "\n| `"+string(rule)+"` | ")
			continue
		}
		require.True(t, told[string(rule)], "%s has no entry", rule)
		require.Contains(t, string(page), "\n### "+string(rule)+"\n")
		delete(told, string(rule))
	}
	rules, err := recipientRules(root)
	require.NoError(t, err)
	require.Greater(t, len(rules), 20)
	for _, r := range rules {
		require.True(t, strings.HasPrefix(r.name, "phone.") || strings.HasPrefix(r.name, "email."), r.name)
		require.NotEmpty(t, r.says, r.name)
		require.True(t, told[r.name], "%s has no entry", r.name)
		delete(told, r.name)
	}
	for _, rule := range tokenRules {
		require.True(t, told[rule], rule)
		delete(told, rule)
	}
	require.Empty(t, told, "entries of no rule")
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
