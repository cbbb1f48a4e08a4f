// Package graphemes finds decorations that cut through what a reader sees as
// one character: a family joined from four people, a flag, a skin tone, a
// letter and its accents, a Devanagari conjunct. The endpoint accepts them, and
// they look broken; so they are advisories, not faults.
//
// [Cuts] is a [decorations.Advisor]. What one character is follows the extended
// grapheme clusters of Unicode 17.0 (UAX
// #29).
//
// Segmentation comes from clipperhouse/uax29, which was last released in
// February 2026 for Unicode 17.0; rivo/uniseg was in February 2024, for 15.0,
// and does not know conjuncts. It is a separate package, so that decorations
// needs the standard library only.
//
// It does not repeat what [decorations.Check] finds, and does not move ranges:
// both ends of an advisory are places where a range could end instead.
package graphemes
