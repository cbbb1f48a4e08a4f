package main

import (
	"encoding/binary"
	"fmt"
	"regexp/syntax"
	"slices"
)

// program compiles an expression as the package regexp does.
func program(expression string) (*syntax.Prog, error) {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", expression, err)
	}
	return syntax.Compile(re.Simplify())
}

// pattern returns the strings of at most maxNational digits that an expression
// matches from end to end.
func (g *algebra) pattern(expression string) (*language, error) {
	prog, err := program(`^(?:` + expression + `)$`)
	if err != nil {
		return nil, err
	}
	w := wholeMatch{algebra: g, prog: prog, memo: map[string]*language{}}
	return w.from([]uint32{uint32(prog.Start)}, 0), nil
}

// wholeMatch follows all threads of a program at once: their order does not
// matter for whether there is a match.
type wholeMatch struct {
	*algebra
	prog *syntax.Prog
	memo map[string]*language
}

// from returns the strings that may follow when the program is at pcs after pos
// digits.
func (w *wholeMatch) from(pcs []uint32, pos int) *language {
	if len(pcs) == 0 || pos > maxNational {
		return nil
	}
	key := string(binary.BigEndian.AppendUint16(nil, uint16(pos)))
	for _, pc := range pcs {
		key += string(binary.BigEndian.AppendUint32(nil, pc))
	}
	if known, ok := w.memo[key]; ok {
		return known
	}
	here := flagsAt(pos)
	var s language
	_, s.accepts = w.reach(pcs, here|syntax.EmptyEndText)
	runes, _ := w.reach(pcs, here)
	for d := range s.next {
		var out []uint32
		for _, pc := range runes {
			if i := &w.prog.Inst[pc]; i.MatchRune('0' + rune(d)) {
				out = append(out, i.Out)
			}
		}
		slices.Sort(out)
		s.next[d] = w.from(slices.Compact(out), pos+1)
	}
	result := w.state(s)
	w.memo[key] = result
	return result
}

// reach follows all instructions that consume no digit.
func (w *wholeMatch) reach(pcs []uint32, flags syntax.EmptyOp) (runes []uint32, match bool) {
	seen := make([]bool, len(w.prog.Inst))
	var follow func(pc uint32)
	follow = func(pc uint32) {
		if seen[pc] {
			return
		}
		seen[pc] = true
		switch i := &w.prog.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			follow(i.Out)
			follow(i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			follow(i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^flags == 0 {
				follow(i.Out)
			}
		case syntax.InstMatch:
			match = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			runes = append(runes, pc)
		}
	}
	for _, pc := range pcs {
		follow(pc)
	}
	return runes, match
}

// flagsAt returns the conditions that hold after pos digits, not at the end.
func flagsAt(pos int) syntax.EmptyOp {
	if pos == 0 {
		return syntax.EmptyBeginText
	}
	return 0
}
