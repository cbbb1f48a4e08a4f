package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNothingPrintedShowsPeople prints every exported type of every public
// package with %v, %+v, %#v, %s and both handlers of log/slog. No output shows
// a handle of a person or a key, and nothing panics or fails.
//
// The types come from the syntax trees, so that no new type is missed. The test
// builds the program of this directory with the list of types, and runs it.
func TestNothingPrintedShowsPeople(t *testing.T) {
	source, types := list(t)
	require.Greater(t, types, 100, "the exported types were not found")
	dir := t.TempDir()
	file := filepath.Join(dir, "types.go")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	here, err := filepath.Abs("types.go")
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{here: file}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	out, err := exec.Command("go", "run", "-overlay", filepath.Join(dir, "overlay.json"), ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// list returns the source of a list of all exported types that hold anything.
func list(t *testing.T) (source string, types int) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Name}} {{.Dir}}", module+"/...").Output()
	require.NoError(t, err)
	var imports, entries strings.Builder
	for i, text := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.SplitN(text, " ", 3)
		path, name, dir := words[0], words[1], words[2]
		if name == "main" || strings.Contains(path+"/", "/internal/") || path == module+"/clients" {
			continue
		}
		alias := fmt.Sprintf("p%d", i)
		found := exported(t, dir)
		if len(found) == 0 {
			continue
		}
		fmt.Fprintf(&imports, "\t%s %q\n", alias, path)
		for _, name := range found {
			fmt.Fprintf(&entries, "\treflect.TypeFor[%s.%s](),\n", alias, name)
			types++
		}
	}
	return "package main\n\nimport (\n\t\"reflect\"\n" + imports.String() + ")\n\nvar all = []reflect.Type{\n" + entries.String() + "}\n", types
}

// exported returns the exported types of a package that have values: all but
// interfaces and aliases.
func exported(t *testing.T, dir string) (names []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			types, is := decl.(*ast.GenDecl)
			if !is || types.Tok != token.TYPE {
				continue
			}
			for _, spec := range types.Specs {
				s := spec.(*ast.TypeSpec)
				_, isInterface := s.Type.(*ast.InterfaceType)
				if !s.Name.IsExported() || s.Assign.IsValid() || isInterface {
					continue
				}
				require.Nil(t, s.TypeParams, "%s.%s: say which instances are to be tried", dir, s.Name)
				names = append(names, s.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
