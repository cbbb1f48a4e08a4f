package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"
)

// becomes lists what gremlins makes of a token: the same tables as in its
// engine, for the kinds of mutants that .gremlins.yaml enables.
var becomes = map[token.Token][]token.Token{
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.INC: {token.DEC}, token.DEC: {token.INC},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.BREAK: {token.CONTINUE}, token.CONTINUE: {token.BREAK},
}

// helper names the function in helpers.go that stands for an operator.
var helper = map[token.Token]string{
	token.ADD: "mutantAdd", token.SUB: "mutantSub", token.MUL: "mutantMul", token.QUO: "mutantQuo", token.REM: "mutantRem",
	token.LSS: "mutantLess", token.LEQ: "mutantAtMost", token.GTR: "mutantMore", token.GEQ: "mutantAtLeast",
}

// site is a token that has mutants.
type site struct {
	line, function int // where it stands; function is the line on which the one around it begins
	endLine        int // where that function ends
	op             token.Token
	numbers        []int // of its mutants, in the order of becomes
	keys           []string
}

// constant says that the token may stand where only constants may, or between
// texts: such a site is given up before others on its line.
func (s *site) constant() bool {
	switch s.op {
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
		return true
	}
	return false
}

// edit puts text at an offset, in place of length bytes.
type edit struct {
	offset, length int
	text           string
	opens          bool // comes after what closes at the same place
}

// rewriter puts the mutants into one file.
type rewriter struct {
	name   string
	source []byte
	fset   *token.FileSet
	index  map[int]int // of the token at an offset
	skip   map[string]bool
	next   *int
	edits  []edit
	sites  []*site
	around *ast.FuncDecl
}

// rewrite returns the file with all its mutants in it, but for those to skip,
// and where they are. Numbers go on from *next. No line moves.
func rewrite(name string, source []byte, skip map[string]bool, next *int) ([]byte, []*site, error) {
	r := &rewriter{name: name, source: source, fset: token.NewFileSet(), index: map[int]int{}, skip: skip, next: next}
	for i, l := range lexemes(source) {
		r.index[l.offset] = i
	}
	file, err := parser.ParseFile(r.fset, name, source, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, decl := range file.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok != token.VAR {
			continue // types and constants
		}
		r.around, _ = decl.(*ast.FuncDecl)
		r.walk(decl)
	}
	return r.apply(), r.sites, nil
}

// walk visits a node: what opens is written on the way down, what closes on the
// way up.
func (r *rewriter) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ArrayType:
			if n.Len != nil {
				r.walk(n.Elt)
				return false
			}
		case *ast.BinaryExpr:
			r.binary(n)
			return false
		case *ast.UnaryExpr:
			if s := r.site(n.Op, n.OpPos, n.Op == token.SUB); s != nil {
				r.open(n.Pos(), len("-"), fmt.Sprintf("mutantNeg(%d, ", s.numbers[0]))
				r.walk(n.X)
				r.close(n.End(), 0, ")")
				return false
			}
		case *ast.IncDecStmt:
			if s := r.site(n.Tok, n.TokPos, !calls(n.X)); s != nil {
				r.walk(n.X)
				r.open(n.TokPos, 2, fmt.Sprintf(" %s mutantOne(%d, %s)", map[token.Token]string{token.INC: "+=", token.DEC: "-="}[n.Tok], s.numbers[0], r.text(n.X)))
				return false
			}
		case *ast.BranchStmt:
			if s := r.site(n.Tok, n.TokPos, n.Tok == token.BREAK || n.Tok == token.CONTINUE); s != nil {
				label := ""
				if n.Label != nil {
					label = " " + n.Label.Name
				}
				r.open(n.Pos(), 0, fmt.Sprintf("{ if mutantIs(%d) { %s%s }; ", s.numbers[0], becomes[n.Tok][0], label))
				r.close(n.End(), 0, " }")
			}
			return false
		}
		return true
	})
}

func (r *rewriter) binary(n *ast.BinaryExpr) {
	s := r.site(n.Op, n.OpPos, true)
	switch {
	case s == nil:
		r.walk(n.X)
		r.walk(n.Y)
	case n.Op == token.EQL, n.Op == token.NEQ:
		r.open(n.Pos(), 0, "((")
		r.walk(n.X)
		r.walk(n.Y)
		r.close(n.End(), 0, fmt.Sprintf(") != mutantIs(%d))", s.numbers[0]))
	case n.Op == token.LAND, n.Op == token.LOR:
		// a && b is !(!a || !b): turned around before, between and after.
		is := fmt.Sprintf(" != mutantIs(%d)", s.numbers[0])
		r.open(n.Pos(), 0, "(((")
		r.walk(n.X)
		r.close(n.X.End(), 0, ")"+is)
		r.open(n.Y.Pos(), 0, "(")
		r.walk(n.Y)
		r.close(n.End(), 0, ")"+is+")"+is+")")
	default:
		r.open(n.Pos(), 0, fmt.Sprintf("%s(%s, ", helper[n.Op], numbers(s.numbers)))
		r.walk(n.X)
		r.close(n.OpPos, len(n.Op.String()), ",")
		r.walk(n.Y)
		r.close(n.End(), 0, ")")
	}
}

// site makes the mutants of a token, or none.
func (r *rewriter) site(op token.Token, pos token.Pos, can bool) *site {
	if len(becomes[op]) == 0 || !can {
		return nil
	}
	at := r.fset.Position(pos)
	s := &site{line: at.Line, function: at.Line, endLine: at.Line, op: op}
	if r.around != nil {
		s.function, s.endLine = r.fset.Position(r.around.Pos()).Line, r.fset.Position(r.around.End()).Line
	}
	for _, to := range becomes[op] {
		s.keys = append(s.keys, key(r.name, r.index[at.Offset], to.String()))
	}
	if r.skip[s.keys[0]] {
		return nil
	}
	for range s.keys {
		*r.next++
		s.numbers = append(s.numbers, *r.next)
	}
	r.sites = append(r.sites, s)
	return s
}

func (r *rewriter) offset(pos token.Pos) int { return r.fset.Position(pos).Offset }

func (r *rewriter) text(n ast.Node) string {
	return string(r.source[r.offset(n.Pos()):r.offset(n.End())])
}

func (r *rewriter) open(pos token.Pos, length int, text string) {
	r.edits = append(r.edits, edit{r.offset(pos), length, text, true})
}

func (r *rewriter) close(pos token.Pos, length int, text string) {
	r.edits = append(r.edits, edit{r.offset(pos), length, text, false})
}

func (r *rewriter) apply() []byte {
	sort.SliceStable(r.edits, func(i, j int) bool {
		a, b := r.edits[i], r.edits[j]
		if a.offset != b.offset {
			return a.offset < b.offset
		}
		return !a.opens && b.opens
	})
	var out strings.Builder
	at := 0
	for _, e := range r.edits {
		out.Write(r.source[at:max(at, e.offset)])
		out.WriteString(e.text)
		at = max(at, e.offset+e.length)
	}
	out.Write(r.source[at:])
	return []byte(out.String())
}

// calls tells whether evaluating an expression twice may do something twice.
func calls(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		_, closure := n.(*ast.FuncLit)
		found = found || call || closure
		return !found
	})
	return found
}

func numbers(all []int) string {
	var texts []string
	for _, n := range all {
		texts = append(texts, fmt.Sprint(n))
	}
	return strings.Join(texts, ", ")
}
