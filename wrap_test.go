package fromline_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	// A line of a comment that stands alone. A tab counts as one column, as
	// editors count when they wrap.
	commentLine = regexp.MustCompile(`^\t*// (\S.*)$`)

	// What an example prints follows such a line, to the end of the comment.
	printed = regexp.MustCompile(`^\t*// (Unordered output|Output):`)
)

// TestProseIsWrapped says that comments end before column 81, and pages before
// column 101. What stands as it is printed, in code blocks, tables and output
// of examples, may be longer.
func TestProseIsWrapped(t *testing.T) {
	comments, pages := 0, 0
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return err
		}
		page := strings.HasSuffix(path, ".md")
		if !page && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_gen.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		asPrinted, number := false, 0
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			number++
			columns := utf8.RuneCountInString(line)
			switch {
			case page:
				pages++
				if strings.HasPrefix(strings.TrimSpace(line), "```") {
					asPrinted = !asPrinted
				}
				code := asPrinted || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "![") || strings.HasPrefix(line, "    ")
				assert.True(t, columns <= 100 || code, "%s:%d has %d columns", path, number, columns)
			case commentLine.MatchString(line):
				comments++
				asPrinted = asPrinted || printed.MatchString(line)
				assert.True(t, columns <= 80 || asPrinted, "%s:%d has %d columns", path, number, columns)
			default:
				asPrinted = false
			}
		}
		return nil
	}))
	assert.Greater(t, comments, 10_000)
	assert.Greater(t, pages, 5_000)
}
