package fromline_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryPackageHasAnExample says that each package that a program may import
// has an example that runs.
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

// TestEveryHookHasAnExample says that each interface of a Router's options,
// which a program implements, has an example of its name.
func TestEveryHookHasAnExample(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []*ast.File
	fset := token.NewFileSet()
	for _, path := range paths {
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	root, err := doc.NewFromFiles(fset, files, "github.com/fromline/fromline")
	require.NoError(t, err)
	hooks := 0
	for _, named := range root.Types {
		spec, is := named.Decl.Specs[0].(*ast.TypeSpec)
		require.True(t, is)
		if _, is := spec.Type.(*ast.InterfaceType); is {
			hooks++
			assert.NotEmpty(t, named.Examples, "no Example%s", named.Name)
		}
	}
	require.Greater(t, hooks, 3)
}

// TestExamplesStandAlone says that a reader of the documentation sees the whole
// of each example: what it uses is imported, or declared in the file that is
// shown with it. A recipe of the cookbook is a file of its own.
func TestExamplesStandAlone(t *testing.T) {
	seen := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, example := range doc.Examples(file) {
			seen++
			assert.NotNil(t, example.Play, "%s: Example%s uses what another file declares", path, example.Name)
			whole, is := example.Code.(*ast.File)
			if is {
				assert.Empty(t, declaredElsewhere(whole), "%s: Example%s uses what another file declares", path, example.Name)
			}
			if strings.HasPrefix(path, filepath.Join("examples", "cookbook")) {
				assert.True(t, is, "%s: Example%s is not alone in its file", path, example.Name)
			}
		}
		return nil
	}))
	require.Greater(t, seen, 60)
}

// TestEveryRecipeHasAnExample says that each file that the cookbook links to
// has an example, since the package documentation shows nothing else of it.
func TestEveryRecipeHasAnExample(t *testing.T) {
	linked := regexp.MustCompile(`\]\(\.\./(examples/cookbook/\w+\.go)\)`).FindAllStringSubmatch(read(t, "docs/cookbook.md"), -1)
	require.Greater(t, len(linked), 20)
	for _, m := range linked {
		assert.Contains(t, read(t, m[1]), "\nfunc Example", m[1])
	}
}

// declaredElsewhere are the names in a file that neither it nor the language
// declares, and that are no package which it imports.
func declaredElsewhere(file *ast.File) (names []string) {
	for _, used := range file.Unresolved {
		imported := slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
			if spec.Name != nil {
				return spec.Name.Name == used.Name
			}
			return slices.Contains(packageOf.FindStringSubmatch(spec.Path.Value), used.Name)
		})
		if !imported && types.Universe.Lookup(used.Name) == nil {
			names = append(names, used.Name)
		}
	}
	return names
}

// packageOf is the last element of the path of a package, without its version.
var packageOf = regexp.MustCompile(`([\w-]+)(?:/v\d+)?"$`)

// TestRecipesRunAlone says that a recipe of the cookbook runs as it is shown,
// without what other files import. In the short form it tries those that need a
// driver of a database, which only its import registers.
func TestRecipesRunAlone(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("examples", "cookbook", "*_test.go"))
	require.NoError(t, err)
	ran := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		registered := bytes.Contains(text, []byte(`"database/sql"`))
		if !bytes.Contains(text, []byte("\nfunc Example")) || !registered && os.Getenv("FROMLINE_LONG") == "" {
			continue
		}
		ran++
		out, err := exec.Command("go", "test", path).CombinedOutput()
		assert.NoError(t, err, "%s: %s", path, out)
	}
	require.Positive(t, ran)
}
