package storetest_test

import (
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store/storetest"
)

var ruleID = regexp.MustCompile(`\[([a-z]+\.[a-z]+)\]`)

// rules returns the ids of the rules in the comments of package store, and
// their places.
func rules(t *testing.T) map[string][]string {
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	found := make(map[string][]string)
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, group := range file.Comments {
			for _, c := range group.List {
				for _, match := range ruleID.FindAllStringSubmatch(c.Text, -1) {
					found[match[1]] = append(found[match[1]], set.Position(c.Pos()).String())
				}
			}
		}
	}
	return found
}

// Every rule of the contract has a clause, and every clause tests rules of the
// contract.
func TestEveryRuleHasAClause(t *testing.T) {
	named := rules(t)
	require.NotEmpty(t, named)
	tested := make(map[string]bool)
	names := make(map[string]bool)
	for _, c := range storetest.Clauses() {
		require.False(t, names[c.Name], "two clauses %s", c.Name)
		names[c.Name] = true
		require.NotEmpty(t, c.IDs, "%s tests no rule", c.Name)
		for _, id := range c.IDs {
			tested[id] = true
			if named[id] == nil {
				t.Errorf("%s tests %s, which no comment of package store names", c.Name, id)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		if !tested[id] {
			t.Errorf("no clause tests [%s] (%s)", id, named[id][0])
		}
		if len(named[id]) > 1 {
			t.Errorf("[%s] is named more than once: %s", id, strings.Join(named[id], ", "))
		}
	}
}
