// Package decorations puts looks on ranges of text, in the units that clients count in.
//
// Clients count text in UTF-16 code units, Go holds it in UTF-8: most characters are one unit and one to three bytes,
// an emoji is mostly two units and four bytes. Counted in the wrong unit, bold text is bold a few letters too late, and
// an emoji comes apart. Every Start and End here is in UTF-16 code units, and nobody has to count them:
//
//	at := strings.Index(text, "see you")
//	r, err := decorations.FromBytes(text, at, at+len("see you"))
//	ds := []decorations.Decoration{decorations.Bold.On(r)}
//
// [Check] says what is wrong with a list of decorations that somebody else has counted, [Normalize] gives the shortest
// list that looks the same, [Length] is the length that clients see. An [Index] converts between bytes, runes and code
// units when there are many places in one text to convert.
//
// The package imports only the standard library and can be used alone. All of it is pure, and safe for concurrent use.
//
// It does not render and knows no wire format. It does not look for ranges that cut what a reader sees as one
// character, since that takes tables of Unicode: the package graphemes beneath this one does. The package markdown
// makes decorations of Markdown.
package decorations
