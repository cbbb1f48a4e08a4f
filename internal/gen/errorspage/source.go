package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// A rule is a rule of another package than validate, and its comment.
type rule struct{ name, says string }

// recipientRules reads the rules of the package recipients from its source: the
// constants named Rule…, each with a comment on its line.
func recipientRules(root string) ([]rule, error) {
	return constants(root, "recipients", func(spec *ast.ValueSpec) bool { return strings.HasPrefix(spec.Names[0].Name, "Rule") })
}

// routingAdvisories reads the rules of the advisories of the package routing
// from its source: the constants of the type fault.Rule. The comment above
// each, or above a few, begins with a name and a colon.
func routingAdvisories(root string) ([]rule, error) {
	return constants(root, "routing", func(spec *ast.ValueSpec) bool {
		typ, ok := spec.Type.(*ast.SelectorExpr)
		return ok && typ.Sel.Name == "Rule"
	})
}

// constants reads the matching text constants of a package, in the order of its
// files and lines.
func constants(root, pkg string, match func(*ast.ValueSpec) bool) ([]rule, error) {
	files, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
	if err != nil {
		return nil, err
	}
	var rules []rule
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_gen.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if decl, ok := d.(*ast.GenDecl); ok && decl.Tok == token.CONST {
				rules = append(rules, constantsOf(decl, match)...)
			}
		}
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("no rules in the package %s", pkg)
	}
	return rules, nil
}

func constantsOf(decl *ast.GenDecl, match func(*ast.ValueSpec) bool) []rule {
	var rules []rule
	above := ""
	for _, s := range decl.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !match(spec) {
			continue
		}
		if spec.Doc != nil {
			_, above, _ = strings.Cut(spec.Doc.Text(), ": ")
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		name, err := strconv.Unquote(literal.Value)
		if err != nil {
			continue
		}
		says := above
		if spec.Comment != nil {
			says = spec.Comment.Text()
		}
		rules = append(rules, rule{name, strings.Join(strings.Fields(says), " ")})
	}
	return rules
}
