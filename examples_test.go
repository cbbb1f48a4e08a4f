package fromline_test

import (
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryPackageHasAnExample says that each package that a program may import has an
// example that runs.
func TestEveryPackageHasAnExample(t *testing.T) {
	example := regexp.MustCompile(`(?m)^func Example`)
	require.NoError(t, filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch name := d.Name(); {
		case name == "internal", name == "testdata", name == "cmd", name == "tools", name == "clients", name == "examples", name == "docs",
			strings.HasPrefix(name, ".") && dir != ".":
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && dir != "." {
			return filepath.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			return err
		}
		found := false
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				found = found || example.Match(text)
			}
		}
		assert.True(t, found, "package %s has no example", dir)
		return nil
	}))
}

// TestExamplesStandAlone says that a reader of the documentation sees the whole of each
// example: what it uses is imported, or declared in the file that is shown with it.
func TestExamplesStandAlone(t *testing.T) {
	seen := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		if strings.HasPrefix(path, filepath.Join("examples", "cookbook")) { // recipes that share a kitchen
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, example := range doc.Examples(file) {
			seen++
			assert.NotNil(t, example.Play, "%s: Example%s uses what another file declares", path, example.Name)
		}
		return nil
	}))
	require.Greater(t, seen, 60)
}
