package routing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pure are the packages of the standard library and of others that routing may
// import, each with the names that it may use; nil for all. None of these
// reaches a clock, a context, randomness, a log, or anything outside of the
// program.
var pure = map[string][]string{
	"errors": nil, "slices": nil, "strings": nil, "strconv": nil, "cmp": nil, "crypto/sha1": nil, "encoding/binary": nil, "unicode/utf8": nil,
	"net/url": {"Parse", "PathUnescape"}, "path": {"Ext"},
	"fmt":                                {"Fprintf", "Sprintf", "Errorf", "Sprint", "Stringer", "Formatter", "State"},
	"log/slog":                           {"Value", "GroupValue", "StringValue", "String", "Bool", "Int", "Time", "Any"},
	"time":                               {"Time", "Duration", "RFC3339", "Microsecond", "UnixMicro"},
	"github.com/google/uuid":             {"UUID", "Nil", "Parse"},
	"github.com/fromline/fromline/fleet": {"View", "Ref", "Query", "Known", "Counts", "Values", "Pick"},
	"github.com/go-json-experiment/json": {"Marshal"},
}

// TestRoutingIsPure proves by its imports and by every name that it uses of
// them that routing decides on its input alone.
func TestRoutingIsPure(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		seen++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		require.NoError(t, err)
		used := map[string][]string{} // by the name of the import
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			names, allowed := pure[path]
			ours := strings.HasPrefix(path, "github.com/fromline/fromline/") // held by the table of floors
			require.True(t, allowed || ours, "%s imports %s", name, path)
			require.Nil(t, spec.Name, "%s gives %s another name", name, path)
			used[path[strings.LastIndexByte(path, '/')+1:]] = names
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if statement, is := n.(*ast.GoStmt); is {
				t.Errorf("%s starts a goroutine", set.Position(statement.Pos()))
			}
			selector, is := n.(*ast.SelectorExpr)
			if !is {
				return true
			}
			of, is := selector.X.(*ast.Ident)
			if names := used[identOf(of, is)]; len(names) > 0 && of.Obj == nil {
				require.Contains(t, names, selector.Sel.Name, "%s", set.Position(selector.Pos()))
			}
			return true
		})
	}
	require.Greater(t, seen, 10)
}

func identOf(id *ast.Ident, is bool) string {
	if !is {
		return ""
	}
	return id.Name
}

// TestWhatRoutingReaches proves that neither does any package of ours below it:
// none imports what talks to the world.
func TestWhatRoutingReaches(t *testing.T) {
	for _, dir := range []string{"recipients", "decorations", "message", "validate", "line", "store", "fleet"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && filepath.Dir(filepath.Dir(path)) == ".." {
				return fs.SkipDir // packages below it are others
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, spec := range file.Imports {
				switch spec.Path.Value {
				case `"os"`, `"net"`, `"net/http"`, `"database/sql"`, `"math/rand"`, `"math/rand/v2"`, `"crypto/rand"`, `"syscall"`, `"log"`:
					t.Errorf("%s imports %s", path, spec.Path.Value)
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
}
