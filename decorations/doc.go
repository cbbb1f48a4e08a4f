// Package decorations puts looks on ranges of text, in the units that clients count in.
//
// Clients count text in UTF-16 code units, Go holds it in UTF-8: most characters are one unit and one to three bytes, an emoji is mostly two units and four
// bytes. Every Start and End here is in UTF-16 code units. [Check] says what is wrong with a list of decorations.
//
// The package imports only the standard library and can be used alone. All of it is pure, and safe for concurrent use.
//
// It does not render, does not know any wire format, and does not look for ranges that cut what a reader sees as one character: that takes tables of Unicode,
// which the package graphemes beneath this one has.
package decorations
