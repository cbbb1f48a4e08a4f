package decorations

import (
	"cmp"
	"slices"
)

// mark is an end of a decoration: the start of the one at end/2 if end is even, else its end.
type mark struct {
	at, end int
}

func (m mark) index() int    { return m.end / 2 }
func (m mark) isStart() bool { return m.end%2 == 0 }

// sortedMarks appends both ends of every decoration to marks and sorts them by place, then by the order of the list.
func sortedMarks(marks []mark, ds []Decoration) []mark {
	for i, d := range ds {
		marks = append(marks, mark{d.Start, 2 * i}, mark{d.End, 2*i + 1})
	}
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.end, b.end))
	})
	return marks
}

// appendOverlaps appends a fault for every decoration that overlaps one before it where one of the two is an animation. Ranges that hold nothing overlap nothing.
func appendOverlaps(faults []Fault, ds []Decoration, marks []mark) []Fault {
	// Of the decorations so far, and of the animations among them, the one that reaches furthest is enough: what reaches less overlaps no more.
	furthest, furthestAnimation := -1, -1
	for _, m := range marks {
		i := m.index()
		d := ds[i]
		if !m.isStart() || d.Start >= d.End {
			continue
		}
		other := furthestAnimation
		if d.Animation != 0 {
			other = furthest
		}
		if other >= 0 && ds[other].End > d.Start {
			faults = append(faults, Fault{Kind: Overlap, Index: i, Other: other})
		}
		if furthest < 0 || d.End > ds[furthest].End {
			furthest = i
		}
		if d.Animation != 0 && (furthestAnimation < 0 || d.End > ds[furthestAnimation].End) {
			furthestAnimation = i
		}
	}
	return faults
}

// appendSplits appends a fault for every decoration with an end inside a surrogate pair of text, which must be valid and length code units long. It
// uses up marks.
func appendSplits(faults []Fault, text string, length int, ds []Decoration, marks []mark) []Fault {
	splits := marks[:0]
	at := place{}
	for _, m := range marks {
		if m.at <= 0 || m.at >= length {
			continue
		}
		at = at.advance(text, m.at)
		if at.unit != m.at {
			splits = append(splits, m)
		}
	}
	// Both ends of one decoration, side by side.
	slices.SortFunc(splits, func(a, b mark) int { return cmp.Compare(a.end, b.end) })
	for len(splits) > 0 {
		m := splits[0]
		both := len(splits) > 1 && splits[1].index() == m.index()
		faults = append(faults, splitFault(m.index(), ds[m.index()], length, m.isStart(), both || !m.isStart()))
		splits = splits[1:]
		if both {
			splits = splits[1:]
		}
	}
	return faults
}

// splitFault returns the fault of a decoration whose start, end or both lie inside a surrogate pair.
func splitFault(i int, d Decoration, length int, start, end bool) Fault {
	f := Fault{Kind: SplitPair, Index: i}
	if d.Start < 0 || d.Start >= d.End || d.End > length {
		return f
	}
	f.Outer, f.Inner = d.Range(), d.Range()
	if start {
		f.Outer.Start--
		f.Inner.Start++
	}
	if end {
		f.Outer.End++
		f.Inner.End--
	}
	if f.Inner.Start >= f.Inner.End {
		f.Inner = Range{}
	}
	return f
}
