package fromline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoTestIsSkippedUnderCI says that a test ends early only in short mode, or
// in a function that looks at the environment variable CI, such as
// needed.Missing: a skip that nobody sees proves nothing. It reads every module
// of the repository.
func TestNoTestIsSkippedUnderCI(t *testing.T) {
	skips := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			skipped, careful := false, false
			ast.Inspect(declared, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					name := n.Sel.Name
					skipped = skipped || name == "Skip" || name == "Skipf" || name == "SkipNow"
					careful = careful || name == "Short"
				case *ast.BasicLit:
					careful = careful || n.Value == `"CI"`
				}
				return true
			})
			if skipped {
				skips++
				assert.True(t, careful, "%s skips a test, also under CI: use needed.Missing", path)
			}
		}
		return nil
	}))
	assert.Greater(t, skips, 2)
}
