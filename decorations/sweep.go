package decorations

import (
	"cmp"
	"slices"
)

// mark is one end of a decoration: the start of decoration end/2 where end is
// even, the end of it where end is odd.
type mark struct {
	at, end int
}

func (m mark) index() int    { return m.end / 2 }
func (m mark) isStart() bool { return m.end%2 == 0 }

// sortedMarks appends both ends of every decoration to marks, sorted by place,
// then in the order of the list.
func sortedMarks(marks []mark, ds []Decoration) []mark {
	for i, d := range ds {
		marks = append(marks, mark{d.Start, 2 * i}, mark{d.End, 2*i + 1})
	}
	slices.SortFunc(marks, func(a, b mark) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		return a.end - b.end
	})
	return marks
}

// appendOverlaps appends a fault for every decoration that overlaps one before
// it where one of the two is an animation.
func appendOverlaps(faults []Fault, ds []Decoration, marks []mark) []Fault {
	// Of the decorations so far, and of the animations among them, only the one
	// that reaches furthest matters: what it does not overlap, none does.
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

// measure returns the length of text, which must be valid, and those marks that
// lie inside a surrogate pair, in the order of the list. It works in the room
// of marks.
func measure(text string, marks []mark) (length int, splits []mark) {
	splits = marks[:0]
	p := place{}
	for _, m := range marks {
		if m.at < 0 {
			continue
		}
		p = p.advance(text, m.at)
		if p.byte == len(text) {
			break
		}
		if p.unit != m.at {
			splits = append(splits, m)
		}
	}
	slices.SortFunc(splits, func(a, b mark) int { return a.end - b.end })
	return p.unit + Length(text[p.byte:]), splits
}

// appendSplits appends a fault for every decoration with an end among splits.
func appendSplits(faults []Fault, ds []Decoration, length int, splits []mark) []Fault {
	for len(splits) > 0 {
		ends := 1
		if len(splits) > 1 && splits[1].index() == splits[0].index() {
			ends = 2
		}
		i := splits[0].index()
		faults = append(faults, splitFault(i, ds[i].Range(), length, splits[:ends]))
		splits = splits[ends:]
	}
	return faults
}

// splitFault returns the fault of decoration i over r, of which these ends lie
// inside a surrogate pair.
func splitFault(i int, r Range, length int, ends []mark) Fault {
	f := Fault{Kind: SplitPair, Index: i}
	if r.Start < 0 || r.Start >= r.End || r.End > length {
		return f
	}
	f.Outer, f.Inner = r, r
	for _, m := range ends {
		if m.isStart() {
			f.Outer.Start--
			f.Inner.Start++
		} else {
			f.Outer.End++
			f.Inner.End--
		}
	}
	if f.Inner.Start >= f.Inner.End {
		f.Inner = Range{}
	}
	return f
}
