package fromline_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeTellsTheTruth: the program in the README is that of examples/embed,
// which a test runs. (The tests of cmd/fromline run the commands of all pages.)
func TestReadmeTellsTheTruth(t *testing.T) {
	readme := read(t, "README.md")

	program := regexp.MustCompile("(?s)<!-- example -->\n```go\n(.*?)```").FindStringSubmatch(readme)
	require.NotNil(t, program)
	assert.Contains(t, read(t, "examples/embed/main.go"), program[1])
}

// TestGoCodeOfPagesIsCompiled: the Go code of every page is code of this module as it
// is, so that it compiles, and where it is an example runs.
func TestGoCodeOfPagesIsCompiled(t *testing.T) {
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") {
			all.WriteString(read(t, path))
		}
		return err
	}))
	documents, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	blocks := 0
	for _, document := range append(documents, "README.md") {
		for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, document), -1) {
			blocks++
			assert.True(t, strings.Contains(all.String(), m[1]), "%s has code that no file has:\n%s", document, m[1])
		}
	}
	require.Greater(t, blocks, 10)
}

// TestEveryDependencyIsJustified: go.mod requires nothing directly that the page of
// dependencies does not justify.
func TestEveryDependencyIsJustified(t *testing.T) {
	page := read(t, "docs/dependencies.md")
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(read(t, "go.mod"), -1)
	require.NotEmpty(t, direct)
	for _, m := range direct {
		assert.True(t, strings.Contains(page, m[1]), "docs/dependencies.md lacks a line about %s", m[1])
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// TestLinksLeadSomewhere: what a document links to beside it is there.
func TestLinksLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, document := range append(documents, "README.md", "BENCHMARKS.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(document), m[1]))
			assert.NoError(t, err, "%s", document)
		}
	}
}

// TestEveryPageIsInTheIndex: each document has a place in docs/README.md.
func TestEveryPageIsInTheIndex(t *testing.T) {
	index := read(t, "docs/README.md")
	documents, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, document := range documents {
		if name := filepath.Base(document); name != "README.md" {
			assert.True(t, strings.Contains(index, "]("+name+")"), "docs/README.md lacks %s", name)
		}
	}
}
