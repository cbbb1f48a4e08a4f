package decorations_test

import (
	"cmp"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	. "github.com/fromline/fromline/decorations"
)

// The slow, plain forms of what the package does, written from its
// documentation. They turn the text into UTF-16 and look at every code unit and
// every pair.

func encode(text string) []uint16 { return utf16.Encode([]rune(text)) }

// splits reports whether the place at is inside a surrogate pair.
func splits(units []uint16, at int) bool {
	return at > 0 && at < len(units) && utf16.DecodeRune(rune(units[at-1]), rune(units[at])) != utf8.RuneError
}

func slowCheck(text string, ds []Decoration) []Fault {
	var faults []Fault
	valid, units := utf8.ValidString(text), encode(text)
	if !valid {
		faults = append(faults, Fault{Kind: InvalidText, Index: -1, Offset: longestValid(text)})
	}
	if len(ds) > MaxDecorations {
		faults = append(faults, Fault{Kind: TooMany, Index: -1, Count: len(ds)})
	}
	for i, d := range ds {
		add := func(is bool, f Fault) {
			if f.Index = i; is {
				faults = append(faults, f)
			}
		}
		add(d.Start < 0 || d.End < 0, Fault{Kind: Negative})
		add(d.Start == d.End, Fault{Kind: Empty})
		add(d.Start > d.End, Fault{Kind: Reversed})
		add(valid && (d.Start > len(units) || d.End > len(units)), Fault{Kind: PastEnd, Length: len(units)})
		outer, inner := slowNearest(units, d.Range())
		add(valid && (splits(units, d.Start) || splits(units, d.End)), Fault{Kind: SplitPair, Outer: outer, Inner: inner})
		add(d.Style == 0 && d.Animation == 0, Fault{Kind: Neither})
		add(d.Style != 0 && d.Animation != 0, Fault{Kind: Both})
		add(d.Style > Underline || d.Animation > Jitter, Fault{Kind: UnknownLook})
		other := slowOverlap(ds, i)
		add(other >= 0, Fault{Kind: Overlap, Other: max(other, 0)})
	}
	return faults
}

// longestValid returns the length of the longest start of text that is UTF-8.
func longestValid(text string) int {
	n := len(text)
	for !utf8.ValidString(text[:n]) {
		n--
	}
	return n
}

// slowNearest tries every range around and inside r.
func slowNearest(units []uint16, r Range) (outer, inner Range) {
	if r.Start < 0 || r.Start >= r.End || r.End > len(units) {
		return Range{}, Range{}
	}
	outer = Range{0, len(units)}
	for start := range units {
		for end := start + 1; end <= len(units); end++ {
			if splits(units, start) || splits(units, end) {
				continue
			}
			if start <= r.Start && r.End <= end && end-start < outer.End-outer.Start {
				outer = Range{start, end}
			}
			if r.Start <= start && end <= r.End && end-start > inner.End-inner.Start {
				inner = Range{start, end}
			}
		}
	}
	return outer, inner
}

// slowOverlap returns the decoration that i is reported to overlap, or -1.
func slowOverlap(ds []Decoration, i int) int {
	best := -1
	for j := range ds {
		a, b := ds[j], ds[i]
		isBefore := cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(j, i)) < 0
		shared := min(a.End, b.End) > max(a.Start, b.Start)
		if !isBefore || !shared || a.Animation == 0 && b.Animation == 0 {
			continue
		}
		if best < 0 || cmp.Or(-cmp.Compare(a.End, ds[best].End), cmp.Compare(a.Start, ds[best].Start), cmp.Compare(j, best)) < 0 {
			best = j
		}
	}
	return best
}

// render says for every code unit that any of ds touches which looks it has. An
// animation is part of the look with the range over which it plays.
func render(ds []Decoration) map[int][]Decoration {
	looks := map[int][]Decoration{}
	for _, d := range ds {
		for at := d.Start; at < d.End; at++ {
			if d.Style != 0 {
				looks[at] = append(looks[at], Decoration{Style: d.Style})
			}
			if d.Animation != 0 {
				looks[at] = append(looks[at], d.Animation.On(d.Range()))
			}
		}
	}
	for at, look := range looks {
		slices.SortFunc(look, func(a, b Decoration) int {
			return cmp.Or(cmp.Compare(a.Style, b.Style), cmp.Compare(a.Animation, b.Animation), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
		})
		looks[at] = slices.Compact(look)
	}
	return looks
}
