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

// recipientRule is a rule of the package recipients, and what its comment says.
type recipientRule struct{ name, says string }

// recipientRules reads the rules of the package recipients from their source: constants named Rule…, each with a comment at its line.
func recipientRules(root string) ([]recipientRule, error) {
	files, err := filepath.Glob(filepath.Join(root, "recipients", "*.go"))
	if err != nil {
		return nil, err
	}
	var rules []recipientRule
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
				rules = append(rules, rulesOf(decl)...)
			}
		}
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("no constants named Rule… in %s", filepath.Join(root, "recipients"))
	}
	return rules, nil
}

func rulesOf(decl *ast.GenDecl) []recipientRule {
	var rules []recipientRule
	for _, s := range decl.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Rule") {
			continue
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		name, err := strconv.Unquote(literal.Value)
		if err != nil {
			continue
		}
		rules = append(rules, recipientRule{name, strings.TrimSpace(spec.Comment.Text())})
	}
	return rules
}
