package main

// maxNational is the largest number of digits that the command considers:
// phonenumbers accepts no longer national number.
const maxNational = 17

// A language is a finite set of digit strings, held as the state of a minimal
// acyclic automaton. Languages made by one algebra are equal if and only if
// they are the same pointer. The empty set is nil.
type language struct {
	accepts bool          // has the empty string
	next    [10]*language // what may follow each digit
}

// An algebra makes languages, and returns the same pointer for equal ones.
type algebra struct {
	states map[language]*language
	memo   map[operation]*language
	any    [maxNational + 1]*language // any[n]: all strings of at most n digits
}

// An operation is the key under which a result is remembered.
type operation struct {
	name byte
	a, b *language
}

func newAlgebra() *algebra {
	g := &algebra{states: map[language]*language{}, memo: map[operation]*language{}}
	g.any[0] = g.state(language{accepts: true})
	for n := 1; n <= maxNational; n++ {
		g.any[n] = g.then(g.any[n-1])
	}
	return g
}

// state returns the language that equals l, the same pointer each time.
func (g *algebra) state(l language) *language {
	if l == (language{}) {
		return nil
	}
	if known := g.states[l]; known != nil {
		return known
	}
	g.states[l] = &l
	return &l
}

// then returns the empty string, and all strings of any digit followed by a
// string of l.
func (g *algebra) then(l *language) *language {
	s := language{accepts: true}
	for d := range s.next {
		s.next[d] = l
	}
	return g.state(s)
}

// combine applies a function of membership to two languages. It must be false
// for strings in neither.
func (g *algebra) combine(name byte, a, b *language, has func(a, b bool) bool) *language {
	if a == nil && b == nil {
		return nil
	}
	key := operation{name, a, b}
	if known, ok := g.memo[key]; ok {
		return known
	}
	var none language
	x, y := a, b
	if x == nil {
		x = &none
	}
	if y == nil {
		y = &none
	}
	s := language{accepts: has(x.accepts, y.accepts)}
	for d := range s.next {
		s.next[d] = g.combine(name, x.next[d], y.next[d], has)
	}
	result := g.state(s)
	g.memo[key] = result
	return result
}

func (g *algebra) union(a, b *language) *language {
	return g.combine('|', a, b, func(a, b bool) bool { return a || b })
}

func (g *algebra) intersect(a, b *language) *language {
	return g.combine('&', a, b, func(a, b bool) bool { return a && b })
}

func (g *algebra) minus(a, b *language) *language {
	return g.combine('-', a, b, func(a, b bool) bool { return a && !b })
}

// prefixed returns the strings of l with digits put before each.
func (g *algebra) prefixed(digits string, l *language) *language {
	for i := len(digits) - 1; i >= 0 && l != nil; i-- {
		var s language
		s.next[digits[i]-'0'] = l
		l = g.state(s)
	}
	return l
}

// after returns the strings that follow digits in l.
func (l *language) after(digits string) *language {
	for i := 0; i < len(digits) && l != nil; i++ {
		l = l.next[digits[i]-'0']
	}
	return l
}

// skipped returns the strings that are in l without their first n digits.
func (g *algebra) skipped(n int, l *language) *language {
	for ; n > 0 && l != nil; n-- {
		var s language
		for d := range s.next {
			s.next[d] = l
		}
		l = g.state(s)
	}
	return l
}

// lengths returns all strings of the lengths that fit.
func (g *algebra) lengths(fits func(n int) bool) *language {
	var l *language
	for n := maxNational; n >= 0; n-- {
		s := language{accepts: fits(n)}
		for d := range s.next {
			s.next[d] = l
		}
		l = g.state(s)
	}
	return l
}

// has reports whether digits are in l.
func (l *language) has(digits string) bool {
	l = l.after(digits)
	return l != nil && l.accepts
}
