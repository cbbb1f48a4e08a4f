package decorations

import (
	"cmp"
	"slices"
)

// Normalize returns the smallest list that renders as ds does; there is just
// one. Ranges of one style that touch or overlap become one range, repeated
// decorations one decoration, and the list is sorted by Start, End, Style,
// Animation. It is a new list; ds stays as it is.
//
// Rendering means: each code unit has a set of styles, and is part of a set of
// animations. Two animations that touch stay two, since each plays over its own
// range. Decorations that render nothing (the range empty or reversed, or no
// look) are dropped, and one with a style and an animation is taken for two. So
// call [Check] first: Normalize may hide faults.
func Normalize(ds []Decoration) []Decoration {
	out := make([]Decoration, 0, len(ds))
	for _, d := range ds {
		if d.Start >= d.End {
			continue
		}
		if d.Style != 0 {
			out = append(out, d.Style.On(d.Range()))
		}
		if d.Animation != 0 {
			out = append(out, d.Animation.On(d.Range()))
		}
	}
	out = slices.Compact(mergeStyles(out))
	slices.SortFunc(out, compareByPlace)
	return out
}

// mergeStyles makes one decoration of those of one style that touch or overlap.
// It works in the room of ds and leaves it sorted by look, then place.
func mergeStyles(ds []Decoration) []Decoration {
	slices.SortFunc(ds, func(a, b Decoration) int {
		return cmp.Or(cmp.Compare(a.Style, b.Style), cmp.Compare(a.Animation, b.Animation), compareByPlace(a, b))
	})
	out := ds[:0]
	for _, d := range ds {
		if n := len(out); n > 0 && d.Style != 0 && out[n-1].Style == d.Style && out[n-1].End >= d.Start {
			out[n-1].End = max(out[n-1].End, d.End)
			continue
		}
		out = append(out, d)
	}
	return out
}

func compareByPlace(a, b Decoration) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Style, b.Style), cmp.Compare(a.Animation, b.Animation))
}
