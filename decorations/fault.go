package decorations

import "fmt"

// Kind says what is wrong. Its String is a stable name that programs may
// compare.
type Kind uint8

// The kinds of faults, in the order in which [Check] reports those of one
// decoration.
const (
	// InvalidText: the text is not UTF-8, so it has no length in UTF-16. Offset
	// is the first byte that is wrong.
	InvalidText Kind = 1 + iota
	// TooMany: there are more than [MaxDecorations].
	TooMany
	// Negative: Start or End is below 0.
	Negative
	// Empty: Start equals End.
	Empty
	// Reversed: Start is after End.
	Reversed
	// PastEnd: Start or End is after the end of the text. Length is the length
	// of the text.
	PastEnd
	// SplitPair: Start or End lies inside a surrogate pair. Outer and Inner are
	// the nearest ranges that do not split one.
	SplitPair
	// Neither: neither Style nor Animation is set.
	Neither
	// Both: Style and Animation are both set.
	Both
	// UnknownLook: Style or Animation is a number without a name.
	UnknownLook
	// Overlap: an animation shares a code unit with the decoration at Other.
	// Either of the two may be the animation.
	Overlap
)

var kindNames = [...]string{
	InvalidText: "invalid_text", TooMany: "too_many", Negative: "negative", Empty: "empty", Reversed: "reversed", PastEnd: "past_end",
	SplitPair: "split_pair", Neither: "neither", Both: "both", UnknownLook: "unknown_look", Overlap: "overlap",
}

// String returns the stable name of the kind, or "Kind(n)" if it has none.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// MarshalText returns the stable name of the kind; a kind without one is an
// error.
func (k Kind) MarshalText() ([]byte, error) {
	if k == 0 || int(k) >= len(kindNames) {
		return nil, fmt.Errorf("decorations: %v has no name", k)
	}
	return []byte(k.String()), nil
}

// Fault is one thing wrong with a list of decorations or with the text that
// they are for. Faults are comparable. Fields that the kind does not name are
// zero, Other among them, so read them only after looking at Kind.
type Fault struct {
	Kind  Kind
	Index int // the decoration in the list; -1 for InvalidText and TooMany, which are faults of the whole

	Other  int // Overlap: the decoration that is overlapped
	Length int // PastEnd: the length of the text in UTF-16 code units
	Offset int // InvalidText: the first byte that is not UTF-8
	Count  int // TooMany: how many decorations there are

	// SplitPair: the smallest range without a split pair that holds this one,
	// and the largest that lies inside it. Inner is the zero Range where
	// nothing whole lies inside. Both are zero if the range has another fault
	// too, because then it is not known what was meant.
	Outer, Inner Range
}

// String says what is wrong, where, and, if that is known, how to mend it.
func (f Fault) String() string {
	switch f.Kind {
	case InvalidText:
		return fmt.Sprintf("the text is not UTF-8 from byte %d on", f.Offset)
	case TooMany:
		return fmt.Sprintf("%d decorations, at most %d are allowed", f.Count, MaxDecorations)
	}
	return fmt.Sprintf("decoration %d: %s", f.Index, f.about())
}

// about says what is wrong with the decoration at Index.
func (f Fault) about() string {
	switch f.Kind {
	case Negative:
		return "start or end is negative"
	case Empty:
		return "the range is empty: start equals end"
	case Reversed:
		return "the range is reversed: start is after end"
	case PastEnd:
		return fmt.Sprintf("the range reaches past the end of the text, which has %d UTF-16 code units", f.Length)
	case SplitPair:
		return "the range splits a surrogate pair" + f.suggestion()
	case Neither:
		return "needs a style or an animation"
	case Both:
		return "has a style and an animation, only one of them is allowed"
	case UnknownLook:
		return "the style or animation is not one that is known"
	case Overlap:
		return fmt.Sprintf("overlaps decoration %d, and an animation may overlap nothing", f.Other)
	default:
		return f.Kind.String()
	}
}

// suggestion names the ranges that would not split a pair.
func (f Fault) suggestion() string {
	switch {
	case f.Outer == Range{}:
		return ""
	case f.Inner == Range{}:
		return fmt.Sprintf("; [%d, %d) would not", f.Outer.Start, f.Outer.End)
	default:
		return fmt.Sprintf("; [%d, %d) and [%d, %d) would not", f.Outer.Start, f.Outer.End, f.Inner.Start, f.Inner.End)
	}
}
