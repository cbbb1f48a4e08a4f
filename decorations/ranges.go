package decorations

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// The errors of the conversions. They come wrapped with what was asked and what
// was found.
var (
	ErrText  = errors.New("text is not UTF-8")
	ErrRange = errors.New("not a range of whole characters")
)

// FromBytes returns the range of text[start:end], which the packages strings
// and regexp find. The error is [ErrText] if text is not UTF-8, and [ErrRange]
// unless start and end are in order, within the text and between characters.
// The range may be empty; the range of a decoration may not. It reads the text
// once; [Index.FromBytes] is for many ranges of one text.
func FromBytes(text string, start, end int) (Range, error) {
	if err := checkText(text); err != nil {
		return Range{}, err
	}
	if err := checkBytes(text, start, end); err != nil {
		return Range{}, err
	}
	from := Length(text[:start])
	return Range{from, from + Length(text[start:end])}, nil
}

// FromRunes is [FromBytes] for a range counted in runes, that is in Unicode
// code points.
func FromRunes(text string, start, end int) (Range, error) {
	if err := checkText(text); err != nil {
		return Range{}, err
	}
	if err := checkOrder("runes", start, end, utf8.RuneCountInString(text)); err != nil {
		return Range{}, err
	}
	from := skipRunes(text, start)
	to := from + skipRunes(text[from:], end-start)
	r := Range{Start: Length(text[:from])}
	r.End = r.Start + Length(text[from:to])
	return r, nil
}

// Slice returns the part of text that r covers. The error is [ErrText] if text
// is not UTF-8, and [ErrRange] if r is reversed, reaches beyond the text or
// splits a surrogate pair. It reads the text once; [Index.Slice] is for many
// ranges of one text.
func Slice(text string, r Range) (string, error) {
	if err := checkText(text); err != nil {
		return "", err
	}
	if err := checkOrder("code units", r.Start, r.End, Length(text)); err != nil {
		return "", err
	}
	from := place{}.advance(text, r.Start)
	to := from.advance(text, r.End)
	if err := checkWhole(r, from, to); err != nil {
		return "", err
	}
	return text[from.byte:to.byte], nil
}

func checkText(text string) error {
	if utf8.ValidString(text) {
		return nil
	}
	at := firstInvalid(text)
	return fmt.Errorf("decorations: %w: byte %#02x at offset %d", ErrText, text[at], at)
}

// firstInvalid returns the offset of the first byte of text that is not UTF-8;
// len(text) if there is none.
func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return len(text)
}

// checkOrder checks that 0 ≤ start ≤ end ≤ length.
func checkOrder(unit string, start, end, length int) error {
	if 0 <= start && start <= end && end <= length {
		return nil
	}
	return fmt.Errorf("decorations: %w: [%d, %d) is not in order and within the text, which has %d %s", ErrRange, start, end, length, unit)
}

// checkBytes checks that start and end are in order, within the valid text and
// between characters.
func checkBytes(text string, start, end int) error {
	if err := checkOrder("bytes", start, end, len(text)); err != nil {
		return err
	}
	for _, at := range [...]int{start, end} {
		if at < len(text) && !utf8.RuneStart(text[at]) {
			return fmt.Errorf("decorations: %w: bytes [%d, %d): offset %d is inside a character", ErrRange, start, end, at)
		}
	}
	return nil
}

// checkWhole checks that neither end of r, for which these places were found,
// splits a surrogate pair.
func checkWhole(r Range, from, to place) error {
	if from.unit == r.Start && to.unit == r.End {
		return nil
	}
	at := r.Start
	if from.unit == r.Start {
		at = r.End
	}
	return fmt.Errorf("decorations: %w: code units [%d, %d): %d is inside a surrogate pair; use %d or %d", ErrRange, r.Start, r.End, at, at-1, at+1)
}

// skipRunes returns the offset of rune n of text, or len(text) if it has just
// n.
func skipRunes(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}
