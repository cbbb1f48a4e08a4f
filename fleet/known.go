package fleet

import (
	"cmp"
	"slices"

	"github.com/fromline/fromline/recipients"
)

// This file prefers lines that the people of a query know (docs/rules.md §9b).
// It is no match, because it asks for many lines and not for a label: the few
// lines of a query are looked up one by one, and all others are equal.

// Known says how many of a query's recipients have no chat on a line.
type Known struct {
	Line      recipients.Handle
	Strangers int // from 0 to the number of recipients; larger numbers count as that number
}

// ByKnown prefers lines with fewer strangers: its value is how many of the
// recipients have no chat on the line. [Query.Known] has these numbers; for a
// line that is not in it, all recipients are strangers. The default policy does
// not have ByKnown. Its recommended place is after reputation and country. A
// policy with ByKnown has room for one property of the host's own.
func ByKnown() Criterion { return Criterion{name: "known", built: builtKnown} }

// PrefersKnown reports whether the policy has [ByKnown], so that a query needs
// [Query.Known].
func (v View) PrefersKnown() bool { return v.s != nil && v.s.order.prefersKnown }

// PrefersKnown reports whether the policy of the fleet has [ByKnown].
func (f *Fleet) PrefersKnown() bool {
	o := f.order.Load()
	return o != nil && o.prefersKnown
}

// acquaint makes ready what is said of known lines. Where they come in the
// order of their digits, each once, nothing is allocated.
func (q *question) acquaint(shift uint8) {
	q.knownShift = shift
	q.strange = uint64(q.Recipients.Len()) << shift
	last := uint64(0)
	for i := range q.Known {
		digits := q.Known[i].Line.Digits()
		if digits <= last {
			q.Known = distinctKnown(q.Known)
			return
		}
		last = digits
	}
}

// distinctKnown returns the lines in the order of their digits, each with the
// fewest strangers that are said of it.
func distinctKnown(known []Known) []Known {
	known = slices.DeleteFunc(slices.Clone(known), func(k Known) bool { return !k.Line.IsPhone() })
	slices.SortFunc(known, func(a, b Known) int {
		return cmp.Or(cmp.Compare(a.Line.Digits(), b.Line.Digits()), cmp.Compare(a.Strangers, b.Strangers))
	})
	return slices.CompactFunc(known, func(a, b Known) bool { return a.Line == b.Line })
}

// strangers returns what a score says of the line of some digits.
func (q *question) strangers(digits uint64) uint64 {
	i, found := slices.BinarySearchFunc(q.Known, digits, func(k Known, digits uint64) int {
		return cmp.Compare(k.Line.Digits(), digits)
	})
	if !found {
		return q.strange
	}
	return uint64(min(max(q.Known[i].Strangers, 0), q.Recipients.Len())) << q.knownShift
}

// offerKnown offers the lines that recipients know. A tree offers them again,
// as if no recipient knew them, which changes nothing then. No line of a tree
// has the score of one of them: a search does not look for those that equal
// what was found before.
func (x *index) offerKnown(c *contest) {
	for i := range c.ask.Known {
		if max(c.ask.Known[i].Strangers, 0) >= c.ask.Recipients.Len() {
			continue // as of a line that is not named
		}
		r := x.find(c.ask.Known[i].Line)
		if r != nil && r.cause == open && r.services.Has(c.ask.Service) && !c.ask.holds(r) {
			c.offer(candidate{x.order.score(r, c.ask), r.ring(), r})
		}
	}
}
