package decorations

// MaxDecorations is the greatest number of decorations of one text.
const MaxDecorations = 100

// Range is a half-open range [Start, End) of UTF-16 code units. It is empty
// where Start ≥ End.
type Range struct {
	Start, End int
}

// Decoration is a look put on the range [Start, End) of a text, counted in
// UTF-16 code units. Exactly one of Style and Animation is set in a decoration
// that passes [Check].
type Decoration struct {
	Start, End int
	Style      Style
	Animation  Animation
}

// Range returns the range that d covers.
func (d Decoration) Range() Range { return Range{d.Start, d.End} }

// On returns the decoration that puts the style on r.
func (s Style) On(r Range) Decoration { return Decoration{Start: r.Start, End: r.End, Style: s} }

// On returns the decoration that puts the animation on r.
func (a Animation) On(r Range) Decoration {
	return Decoration{Start: r.Start, End: r.End, Animation: a}
}

// Advisory says that an end of the decoration at Index lies inside the range
// [Start, End), in UTF-16 code units, of what a reader sees as one character.
// That is legal, and seldom meant.
type Advisory struct {
	Index      int
	Start, End int
}

// An Advisor finds decorations that are legal and seldom meant. It is called
// with a text and decorations in which [Check] found no fault, and returns
// advisories in the order of Index, then Start. It must be safe for concurrent
// use. The package graphemes has the usual one.
type Advisor func(text string, ds []Decoration) []Advisory
