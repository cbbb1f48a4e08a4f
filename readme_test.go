package fromline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeTellsTheTruth: the program in the README is that of examples/embed,
// which a test runs, and the output it shows is the output of the story's golden file.
func TestReadmeTellsTheTruth(t *testing.T) {
	readme := read(t, "README.md")

	program := regexp.MustCompile("(?s)<!-- example -->\n```go\n(.*?)```").FindStringSubmatch(readme)
	require.NotNil(t, program)
	assert.Contains(t, read(t, "examples/embed/main.go"), program[1])

	story := regexp.MustCompile("(?s)<!-- story -->\n(.*?)\n\n[A-Z]").FindStringSubmatch(readme)
	require.NotNil(t, story)
	golden := read(t, "cmd/fromline/testdata/story.txt")
	blocks := regexp.MustCompile("(?s)```\n(.*?)```").FindAllStringSubmatch(story[1], -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		assert.Contains(t, golden, block[1])
	}
}

// TestReadmeNamesEveryDependency: go.mod requires nothing directly that the
// README does not justify.
func TestReadmeNamesEveryDependency(t *testing.T) {
	readme := read(t, "README.md")
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(read(t, "go.mod"), -1)
	require.NotEmpty(t, direct)
	for _, m := range direct {
		assert.Contains(t, readme, m[1], "the README's table lacks a line about it")
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
	for _, document := range append(documents, "README.md", "BENCHMARKS.md", "CONTRIBUTING.md", "CHANGELOG.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(document), m[1]))
			assert.NoError(t, err, "%s", document)
		}
	}
}
