// Package decorations puts styles and animations on ranges of text, counted in
// UTF-16 code units as clients count them.
//
// Clients count text in UTF-16 code units, Go holds it in UTF-8: most
// characters are one unit and one to three bytes, an emoji is mostly two units
// and four bytes. Counted in the wrong unit, bold text is bold a few letters
// too late, and an emoji comes apart. Every Start and End here is in UTF-16
// code units, and you need not count them:
//
//	at := strings.Index(text, "see you")
//	r, err := decorations.FromBytes(text, at, at+len("see you"))
//	ds := []decorations.Decoration{decorations.Bold.On(r)}
//
// [Check] finds the faults of a list of decorations, [Normalize] gives the
// shortest list that looks the same, [Length] is the length that clients see.
// An [Index] converts many places of one text between bytes, runes and code
// units.
//
// The package imports only the standard library and can be used alone. All of
// it is pure, and safe for concurrent use.
//
// # What this package does not do
//
// It renders nothing and knows no wire format. Package decorations/graphemes
// finds ranges that cut what a reader sees as one character, and
// decorations/markdown makes decorations from Markdown.
package decorations
