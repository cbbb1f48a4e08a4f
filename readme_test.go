package fromline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeTellsTheTruth: the program in the README is that of examples/embed,
// which a test runs. (The tests of cmd/fromline run the commands of all pages.)
func TestReadmeTellsTheTruth(t *testing.T) {
	readme := read(t, "README.md")

	program := regexp.MustCompile("(?s)\n```go\n(.*?)```").FindStringSubmatch(readme)
	require.NotNil(t, program)
	assert.Contains(t, read(t, "examples/embed/main.go"), program[1])
}

// TestReadmeBeginsWithOneScreen: what stands before its first heading fits one
// screen, and leads to the page of each reader.
func TestReadmeBeginsWithOneScreen(t *testing.T) {
	first, _, _ := strings.Cut(read(t, "README.md"), "\n## ")
	assert.LessOrEqual(t, strings.Count(first, "\n"), 50)
	for line := range strings.Lines(first) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")), 120, "%s", line)
	}
	for _, page := range []string{"start", "cookbook", "operations", "compare", "migrate", "engines", "README"} {
		assert.Contains(t, first, "](docs/"+page+".md)")
	}
}

// TestModuleIsGot: what the README says to type in a module beside a clone
// gives the program of the README all that it imports. No network is asked, so
// go mod tidy may not find what only tests of others import (-e).
func TestModuleIsGot(t *testing.T) {
	readme := read(t, "README.md")
	var typed []string
	for _, pattern := range []string{"(?s)`(go mod edit -replace [^`]*)`", `(?m)^    (go get .*)$`, "`(go mod tidy)`"} {
		found := regexp.MustCompile(pattern).FindStringSubmatch(readme)
		require.NotNil(t, found, pattern)
		typed = append(typed, found[1])
	}
	dir := t.TempDir()
	here, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(here, filepath.Join(dir, "fromline")))
	app := filepath.Join(dir, "app")
	require.NoError(t, os.Mkdir(app, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(app, "main.go"), []byte(read(t, "examples/embed/main.go")), 0o600))
	for _, line := range append([]string{"go mod init app.example"}, typed[0], typed[1], typed[2]+" -e", "go list -deps .") {
		cmd := exec.Command("go", strings.Fields(line)[1:]...)
		cmd.Dir = app
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOSUMDB=off", "GOFLAGS=", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
	}
}

// TestEveryDependencyIsJustified: go.mod requires nothing directly that the
// page of dependencies does not justify.
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

// TestLinksLeadSomewhere: what a document links to beside it is there, and so
// is the heading that a link names.
func TestLinksLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	link := regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	for _, document := range append(documents, "README.md", "BENCHMARKS.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md") {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, document), ""), -1) {
			target := document
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(document), m[1])
			}
			if _, err := os.Stat(target); !assert.NoError(t, err, "%s", document) {
				continue
			}
			if m[2] != "" {
				assert.Contains(t, headings(read(t, target)), m[2], "%s links to a heading that %s lacks", document, target)
			}
		}
	}
}

// code is what a page shows as code, in lines of its own or within one.
var code = regexp.MustCompile("(?sm)^```.*?^```$|`[^`\n]+`")

// headings are the headings of a page as links name them: in lower case,
// without marks, with a hyphen for each blank.
func headings(page string) (names []string) {
	marks := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		names = append(names, strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return names
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
