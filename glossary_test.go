package fromline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOneWordForOneThing: no exported name of a public package has a word that
// the glossary of docs/architecture.md gives up for another one. A word stands
// alone in a name, as "usage" does in UseReader; what it means elsewhere is no
// matter.
func TestOneWordForOneThing(t *testing.T) {
	givenUp := map[string]string{}
	_, glossary, found := strings.Cut(read(t, "docs/architecture.md"), "\n## Glossary\n")
	require.True(t, found)
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|[^|]+\|([^|]*)\|$`).FindAllStringSubmatch(glossary, -1) {
		for _, word := range strings.Split(row[2], ",") {
			if word = strings.TrimSpace(word); word != "" && word != "not" && !strings.HasPrefix(word, "---") {
				givenUp[word] = row[1]
			}
		}
	}
	require.Greater(t, len(givenUp), 20, "the glossary was not read")
	for _, name := range exportedNames(t) {
		for _, word := range wordsOf(name[strings.LastIndexByte(name, '.')+1:]) {
			if instead, is := givenUp[word]; is {
				t.Errorf("%s: the word for that is %q, not %q", name, instead, word)
			}
		}
	}
}

// wordsOf returns the words of a name in mixed caps, in lower case: those of
// OverrideOptOut are override, opt and out.
func wordsOf(name string) []string {
	words := regexp.MustCompile(`[A-Z]+(?:s\b)?(?:[a-z0-9]*)|[a-z0-9]+`).FindAllString(name, -1)
	for i, word := range words {
		words[i] = strings.ToLower(word)
	}
	return words
}

func TestWordsOf(t *testing.T) {
	require.Equal(t, []string{"override", "opt", "out"}, wordsOf("OverrideOptOut"))
	require.Equal(t, []string{"use", "reader"}, wordsOf("UseReader"))
	require.Equal(t, []string{"id"}, wordsOf("ID"))
}

// exportedNames returns the exported names of all public packages, each with
// its package, type and method or field, from their syntax trees.
func exportedNames(t *testing.T) (names []string) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Name}} {{.Dir}}", "./...").Output()
	require.NoError(t, err)
	for _, text := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.SplitN(text, " ", 3)
		if words[1] == "main" || strings.Contains(words[0]+"/", "/internal/") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(words[2], "*.go"))
		require.NoError(t, err)
		files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, d := range parsed.Decls {
				for _, name := range declared(d) {
					if last := name[strings.LastIndexByte(name, '.')+1:]; ast.IsExported(last) {
						names = append(names, parsed.Name.Name+"."+name)
					}
				}
			}
		}
	}
	require.Greater(t, len(names), 500, "the exported names were not found")
	return names
}

// declared returns the names that a declaration makes: of a type also those of
// its fields and methods.
func declared(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if pointer, is := of.(*ast.StarExpr); is {
			of = pointer.X
		}
		if name, is := of.(*ast.Ident); is && name.IsExported() {
			names = append(names, name.Name+"."+d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
				if !spec.Name.IsExported() {
					continue
				}
				var members *ast.FieldList
				switch of := spec.Type.(type) {
				case *ast.StructType:
					members = of.Fields
				case *ast.InterfaceType:
					members = of.Methods
				default:
					continue
				}
				for _, member := range members.List {
					for _, name := range member.Names {
						names = append(names, spec.Name.Name+"."+name.Name)
					}
				}
			}
		}
	}
	return names
}
