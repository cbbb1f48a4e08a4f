package main

import (
	"fmt"
	"regexp/syntax"
)

// An outcome is the result of a leftmost-first match of a prefix expression:
// its end, and its last group. Offsets are in digits.
type outcome struct {
	end          int8 // where the match ends; -1: no match
	open, closed int8 // the last group; -1 if it took no part
}

// prefixOutcomes splits all strings of at most maxNational digits by how the
// expression matches their beginning. The library asks for the submatches of
// `^(?:expression)`, so the order of the alternatives decides, not their
// length.
func (g *algebra) prefixOutcomes(expression string) (map[outcome]*language, error) {
	prog, err := program(`^(?:` + expression + `)`)
	if err != nil {
		return nil, err
	}
	m := prefixMatch{algebra: g, prog: prog, memo: map[string]map[outcome]*language{}}
	start := []thread{{pc: uint32(prog.Start), open: -1, closed: -1}}
	return m.from(start, outcome{-1, -1, -1}, 0), nil
}

// A thread is one way in which the match may continue.
type thread struct {
	pc           uint32
	open, closed int8
}

// prefixMatch runs the threads of a program in the order of their preference.
type prefixMatch struct {
	*algebra
	prog *syntax.Prog
	memo map[string]map[outcome]*language
}

// from returns, for each outcome, the strings that must follow to get it, when
// the program is at threads after pos digits. best is the match so far; every
// thread is preferred to it.
func (m *prefixMatch) from(threads []thread, best outcome, pos int) map[outcome]*language {
	key := fmt.Sprint(threads, best, pos)
	if known, ok := m.memo[key]; ok {
		return known
	}
	atEnd := best
	if _, found, ok := m.reach(threads, flagsAt(pos)|syntax.EmptyEndText, pos); ok {
		atEnd = found
	}
	parts := map[outcome]*language{atEnd: {accepts: true}}
	if pos < maxNational {
		runes, found, ok := m.reach(threads, flagsAt(pos), pos)
		if ok {
			best = found
		}
		for d := range 10 {
			var next []thread
			for _, t := range runes {
				if i := &m.prog.Inst[t.pc]; i.MatchRune('0' + rune(d)) {
					next = append(next, thread{i.Out, t.open, t.closed})
				}
			}
			for o, l := range m.from(next, best, pos+1) {
				if parts[o] == nil {
					parts[o] = &language{}
				}
				parts[o].next[d] = l
			}
		}
	}
	for o, l := range parts {
		parts[o] = m.state(*l)
	}
	m.memo[key] = parts
	return parts
}

// reach follows all instructions that consume no digit, the preferred threads
// first, up to the first match: threads after it do not count.
func (m *prefixMatch) reach(threads []thread, flags syntax.EmptyOp, pos int) (runes []thread, found outcome, ok bool) {
	last := uint32(m.prog.NumCap)
	seen := make([]bool, len(m.prog.Inst))
	var follow func(t thread) (matched bool)
	follow = func(t thread) bool {
		if seen[t.pc] {
			return false
		}
		seen[t.pc] = true
		switch i := &m.prog.Inst[t.pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			return follow(thread{i.Out, t.open, t.closed}) || follow(thread{i.Arg, t.open, t.closed})
		case syntax.InstCapture:
			switch {
			case i.Arg == last-2 && last > 2:
				t.open = int8(pos)
			case i.Arg == last-1 && last > 2:
				t.closed = int8(pos)
			}
			return follow(thread{i.Out, t.open, t.closed})
		case syntax.InstNop:
			return follow(thread{i.Out, t.open, t.closed})
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^flags == 0 {
				return follow(thread{i.Out, t.open, t.closed})
			}
		case syntax.InstMatch:
			found, ok = outcome{int8(pos), t.open, t.closed}, true
			return true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			runes = append(runes, t)
		}
		return false
	}
	for _, t := range threads {
		if follow(t) {
			break
		}
	}
	return runes, found, ok
}
