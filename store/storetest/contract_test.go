package storetest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/storetest"
)

// contract returns what binds stores: the sentences of the comments on the
// types, fields, interface methods and errors of package store. Comments on and
// in its functions, and on values and types that it keeps to itself, bind the
// package. The text is all of its comments.
func contract(t *testing.T) (sentences []string, all string) {
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		ofFunctions := make(map[*ast.CommentGroup]bool)
		ofLines := make(map[*ast.CommentGroup]bool)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				for _, group := range file.Comments {
					inside := n.Pos() <= group.Pos() && group.End() <= n.End()
					ofFunctions[group] = ofFunctions[group] || inside || group == n.Doc
				}
			case *ast.Field:
				ofLines[n.Comment] = true
			case *ast.ValueSpec:
				ofLines[n.Comment] = true
			case *ast.GenDecl:
				if private(n) {
					ofFunctions[n.Doc] = true
				}
			}
			return true
		})
		for _, group := range file.Comments {
			for paragraph := range strings.SplitSeq(text(group), "\n\n") {
				paragraph = strings.Join(strings.Fields(paragraph), " ")
				all += paragraph + "\n"
				if !ofFunctions[group] && !ofLines[group] {
					sentences = append(sentences, split(paragraph)...)
				}
			}
		}
	}
	return sentences, all
}

// private says whether a declaration is of one value or type that only package
// store itself sees.
func private(d *ast.GenDecl) bool {
	if len(d.Specs) != 1 {
		return false
	}
	switch spec := d.Specs[0].(type) {
	case *ast.ValueSpec:
		return !spec.Names[0].IsExported()
	case *ast.TypeSpec:
		return !spec.Name.IsExported()
	}
	return false
}

// text returns the text of a comment, each item of a list a paragraph.
func text(group *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range group.List {
		line := strings.TrimPrefix(c.Text, "//")
		if item, is := strings.CutPrefix(strings.TrimSpace(line), "- "); is {
			line = "\n" + item
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

var end = regexp.MustCompile(`[.:;] `)

// split cuts a paragraph into sentences and their parts.
func split(paragraph string) (sentences []string) {
	for {
		at := end.FindStringIndex(paragraph)
		if at == nil {
			return append(sentences, strings.TrimRight(paragraph, "."))
		}
		sentences = append(sentences, paragraph[:at[0]])
		paragraph = paragraph[at[1]:]
	}
}

// TestClausesCiteTheContract shows that what clauses cite is written in package
// store, and that names of clauses are unique.
func TestClausesCiteTheContract(t *testing.T) {
	_, all := contract(t)
	names := make(map[string]bool)
	for _, c := range storetest.Clauses() {
		require.False(t, names[c.Name], "two clauses %s", c.Name)
		names[c.Name] = true
		require.NotEmpty(t, c.Says, "%s cites nothing", c.Name)
		for _, says := range c.Says {
			if !strings.Contains(all, says) {
				t.Errorf("%s cites what package store does not say: %s", c.Name, says)
			}
		}
	}
}

// TestEverySentenceHasAClause shows that every sentence of package store that
// binds a store is cited by a clause. Those that bind no store are listed.
func TestEverySentenceHasAClause(t *testing.T) {
	var cited []string
	for _, c := range storetest.Clauses() {
		for _, says := range c.Says {
			cited = append(cited, split(says)...)
		}
	}
	listed, err := os.ReadFile("testdata/explanations.txt")
	require.NoError(t, err)
	explanations := make(map[string]bool)
	for line := range strings.Lines(string(listed)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			explanations[line] = true
		}
	}
	sentences, _ := contract(t)
	for _, sentence := range sentences {
		covered := slices.ContainsFunc(cited, func(part string) bool {
			return strings.Contains(sentence, strings.TrimRight(part, ".")) || strings.Contains(part, sentence)
		})
		if explanations[sentence] {
			delete(explanations, sentence)
			if covered {
				t.Errorf("listed as binding no store, but a clause cites it: %s", sentence)
			}
		} else if !covered && sentence != "" && !strings.HasPrefix(sentence, "# ") {
			t.Errorf("no clause cites: %s", sentence)
		}
	}
	for _, left := range slices.Sorted(maps.Keys(explanations)) {
		t.Errorf("listed as binding no store, but package store does not say it: %s", left)
	}
}
