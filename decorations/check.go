package decorations

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Check returns every fault of ds as decorations of text, sorted by Index, then
// Kind. Without a fault it returns nil and allocates nothing.
//
// A decoration has at most one fault of a kind. It is reported for [Overlap]
// when it shares a code unit with a decoration that starts before it, or at the
// same place and is listed before it, and one of the two is an animation; Other
// is, of those, the one that ends last. If the text is not UTF-8, faults that
// depend on its length are not reported. Decorations beyond [MaxDecorations]
// are checked like the others.
//
// It takes one pass over the text and O(k log k) for k decorations.
func Check(text string, ds []Decoration) []Fault {
	var faults []Fault
	if len(ds) > MaxDecorations {
		faults = append(faults, Fault{Kind: TooMany, Index: -1, Count: len(ds)})
	}
	var room [2 * MaxDecorations]mark
	marks := sortedMarks(room[:0], ds)
	faults = appendOverlaps(faults, ds, marks)

	length := -1
	if utf8.ValidString(text) {
		var splits []mark
		length, splits = measure(text, marks)
		faults = appendSplits(faults, ds, length, splits)
	} else {
		faults = append(faults, Fault{Kind: InvalidText, Index: -1, Offset: firstInvalid(text)})
	}
	for i, d := range ds {
		faults = appendOwn(faults, i, d, length)
	}

	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Kind, b.Kind))
	})
	return faults
}

// appendOwn appends the faults that d has by itself, whatever the others are. A
// length below 0 is not known.
func appendOwn(faults []Fault, i int, d Decoration, length int) []Fault {
	if d.Start < 0 || d.End < 0 {
		faults = append(faults, Fault{Kind: Negative, Index: i})
	}
	switch {
	case d.Start == d.End:
		faults = append(faults, Fault{Kind: Empty, Index: i})
	case d.Start > d.End:
		faults = append(faults, Fault{Kind: Reversed, Index: i})
	}
	if length >= 0 && max(d.Start, d.End) > length {
		faults = append(faults, Fault{Kind: PastEnd, Index: i, Length: length})
	}
	switch {
	case d.Style == 0 && d.Animation == 0:
		faults = append(faults, Fault{Kind: Neither, Index: i})
	case d.Style != 0 && d.Animation != 0:
		faults = append(faults, Fault{Kind: Both, Index: i})
	}
	if d.Style != 0 && !d.Style.IsValid() || d.Animation != 0 && !d.Animation.IsValid() {
		faults = append(faults, Fault{Kind: UnknownLook, Index: i})
	}
	return faults
}
