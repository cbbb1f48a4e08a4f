package graphemes

import (
	"cmp"
	"slices"
	"unicode/utf8"

	uax29 "github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/fromline/fromline/decorations"
)

// Cuts returns an advisory for every grapheme cluster of text and decoration of
// ds with an end inside that cluster, sorted by Index, then Start; nil if there
// is none. A decoration has at most two. It ignores ends in which
// [decorations.Check] finds a fault, and text that is not UTF-8.
//
// It takes O(k log k) for k decorations and one pass to index the text. It
// mostly segments only the words around the ends.
func Cuts(text string, ds []decorations.Decoration) []decorations.Advisory {
	if len(ds) == 0 {
		return nil
	}
	index, err := decorations.NewIndex(text)
	if err != nil {
		return nil
	}

	var cuts []decorations.Advisory
	var room [2 * decorations.MaxDecorations]end
	clusters := newClusters(text)
	for _, e := range sortedEnds(room[:0], ds, index) {
		start, stop := clusters.around(e.byte)
		if start == e.byte {
			continue
		}
		from, _ := index.UnitAtByte(start)
		to, _ := index.UnitAtByte(stop)
		cuts = append(cuts, decorations.Advisory{Index: e.index, Start: from, End: to})
	}
	slices.SortFunc(cuts, func(a, b decorations.Advisory) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Start, b.Start))
	})
	return slices.Compact(cuts)
}

// end is an end of the decoration at index.
type end struct {
	byte, index int
}

// sortedEnds appends to ends those that lie between the characters of the text,
// sorted by place.
func sortedEnds(ends []end, ds []decorations.Decoration, index decorations.Index) []end {
	for i, d := range ds {
		if d.Start >= d.End {
			continue
		}
		for _, unit := range [...]int{d.Start, d.End} {
			if at, ok := index.ByteAtUnit(unit); ok {
				ends = append(ends, end{at, i})
			}
		}
	}
	slices.SortFunc(ends, func(a, b end) int { return a.byte - b.byte })
	return ends
}

// clusters finds the grapheme clusters around places that are asked for in
// ascending order.
type clusters struct {
	text string
	base int // where the text of segments begins in text, always a boundary
	// The last one found is segments' current one.
	segments *uax29.Iterator[string]
}

func newClusters(text string) clusters {
	return clusters{text: text, segments: uax29.FromString(text)}
}

// around returns the cluster that the character at the offset at belongs to;
// (at, at) at the end of the text.
func (c *clusters) around(at int) (start, stop int) {
	if at >= len(c.text) {
		return at, at
	}
	if done := c.base + c.segments.End(); done <= at {
		if from := boundaryBefore(c.text, done, at); from > done {
			c.base = from
			c.segments.SetText(c.text[from:])
		}
	}
	for c.base+c.segments.End() <= at {
		c.segments.Next()
	}
	return c.base + c.segments.Start(), c.base + c.segments.End()
}

// boundaryBefore returns the last place in [from, at] that is a boundary
// whatever surrounds it: between two ASCII characters other than a CR and its
// LF no rule joins, and none looks back beyond. It returns from, which must be
// a boundary, if there is no such place.
func boundaryBefore(text string, from, at int) int {
	for ; at > from; at-- {
		before, after := text[at-1], text[at]
		if before < utf8.RuneSelf && after < utf8.RuneSelf && (before != '\r' || after != '\n') {
			return at
		}
	}
	return from
}
