package decorations

import (
	"slices"
	"unicode/utf8"
)

// Index converts between the three ways of counting one text: bytes, runes
// (Unicode code points) and UTF-16 code units. The zero value is the index of
// the empty text. An Index never changes and is safe for concurrent use. It
// keeps its text and, unless that is all ASCII, takes an eighth as much memory
// besides.
//
// Conversions go from any count to any other, by the place between two
// characters that both name: 0 is before the first character, and the length of
// the text is after the last. They return 0 and false for a place beyond the
// text or inside a character. From bytes and within ASCII they take constant
// time, otherwise a binary search.
type Index struct {
	text         string
	runes, units int
	blocks       []block // what comes before each blockSize bytes of the text; nil if all counts are the same
}

// block counts the characters whose first byte comes before a block.
type block struct {
	rune, unit int
}

const blockSize = 128

// NewIndex returns the index of text, or [ErrText] if that is not UTF-8.
func NewIndex(text string) (Index, error) {
	if err := checkText(text); err != nil {
		return Index{}, err
	}
	x := Index{text: text, runes: len(text), units: Length(text)}
	if x.units == len(text) { // all ASCII: anything else has more bytes than code units
		return x, nil
	}
	x.blocks = make([]block, 0, len(text)/blockSize+1)
	before := block{}
	rest := text
	for ; len(rest) >= blockSize; rest = rest[blockSize:] {
		x.blocks = append(x.blocks, before)
		before.rune += firstBytes(rest[:blockSize])
		before.unit += Length(rest[:blockSize])
	}
	x.blocks = append(x.blocks, before)
	x.runes = before.rune + firstBytes(rest)
	return x, nil
}

// Text returns the text.
func (x Index) Text() string { return x.text }

// Runes returns the length of the text in runes.
func (x Index) Runes() int { return x.runes }

// Units returns the length of the text in UTF-16 code units.
func (x Index) Units() int { return x.units }

// UnitAtByte returns how many code units come before the byte offset at.
func (x Index) UnitAtByte(at int) (int, bool) {
	if !x.isBoundary(at) {
		return 0, false
	}
	return x.unitsBefore(at), true
}

// RuneAtByte returns how many runes come before the byte offset at.
func (x Index) RuneAtByte(at int) (int, bool) {
	if !x.isBoundary(at) {
		return 0, false
	}
	return x.runesBefore(at), true
}

// ByteAtUnit returns how many bytes come before the code unit offset at.
func (x Index) ByteAtUnit(at int) (int, bool) {
	if at < 0 || at > x.units {
		return 0, false
	}
	p := x.find(at)
	if p.unit != at {
		return 0, false
	}
	return p.byte, true
}

// ByteAtRune returns how many bytes come before the rune offset at.
func (x Index) ByteAtRune(at int) (int, bool) {
	if at < 0 || at > x.runes {
		return 0, false
	}
	if x.blocks == nil {
		return at, true
	}
	i := x.lastBlock(at, func(b block) int { return b.rune })
	start := i * blockSize
	return start + skipFirstBytes(x.text[start:], at-x.blocks[i].rune), true
}

// UnitAtRune returns how many code units come before the rune offset at.
func (x Index) UnitAtRune(at int) (int, bool) {
	b, ok := x.ByteAtRune(at)
	if !ok {
		return 0, false
	}
	return x.unitsBefore(b), true
}

// RuneAtUnit returns how many runes come before the code unit offset at.
func (x Index) RuneAtUnit(at int) (int, bool) {
	b, ok := x.ByteAtUnit(at)
	if !ok {
		return 0, false
	}
	return x.runesBefore(b), true
}

// FromBytes is the function [FromBytes] on the text of the index.
func (x Index) FromBytes(start, end int) (Range, error) {
	if err := checkBytes(x.text, start, end); err != nil {
		return Range{}, err
	}
	return Range{x.unitsBefore(start), x.unitsBefore(end)}, nil
}

// FromRunes is the function [FromRunes] on the text of the index.
func (x Index) FromRunes(start, end int) (Range, error) {
	if err := checkOrder("runes", start, end, x.runes); err != nil {
		return Range{}, err
	}
	from, _ := x.UnitAtRune(start)
	to, _ := x.UnitAtRune(end)
	return Range{from, to}, nil
}

// Slice is the function [Slice] on the text of the index.
func (x Index) Slice(r Range) (string, error) {
	if err := checkOrder("code units", r.Start, r.End, x.units); err != nil {
		return "", err
	}
	from, to := x.find(r.Start), x.find(r.End)
	if err := checkWhole(r, from, to); err != nil {
		return "", err
	}
	return x.text[from.byte:to.byte], nil
}

// isBoundary reports whether at is the offset of a character or of the end.
func (x Index) isBoundary(at int) bool {
	return at >= 0 && (at == len(x.text) || at < len(x.text) && utf8.RuneStart(x.text[at]))
}

// unitsBefore is UnitAtByte for an offset known to be good.
func (x Index) unitsBefore(at int) int {
	if x.blocks == nil {
		return at
	}
	i := at / blockSize
	return x.blocks[i].unit + Length(x.text[i*blockSize:at])
}

// runesBefore is RuneAtByte for an offset known to be good.
func (x Index) runesBefore(at int) int {
	if x.blocks == nil {
		return at
	}
	i := at / blockSize
	return x.blocks[i].rune + firstBytes(x.text[i*blockSize:at])
}

// find returns the last place at or before the code unit offset at, which must
// be within the text.
func (x Index) find(at int) place {
	if x.blocks == nil {
		return place{at, at}
	}
	i := x.lastBlock(at, func(b block) int { return b.unit })
	return place{i * blockSize, x.blocks[i].unit}.advance(x.text, at)
}

// lastBlock returns the last block before which no more than at are counted.
func (x Index) lastBlock(at int, count func(block) int) int {
	i, _ := slices.BinarySearchFunc(x.blocks, at+1, func(b block, at int) int { return count(b) - at })
	return i - 1
}

// firstBytes returns how many characters have their first byte in s, which may
// be cut anywhere.
func firstBytes(s string) int {
	n := 0
	for len(s) > 8 {
		n += sum(firstOfEach(word(s)))
		s = s[8:]
	}
	for i := range len(s) {
		if utf8.RuneStart(s[i]) {
			n++
		}
	}
	return n
}

// skipFirstBytes returns the offset of the first byte of character n of s, of
// which the first may be cut; len(s) if there is none.
func skipFirstBytes(s string, n int) int {
	for i := range len(s) {
		if utf8.RuneStart(s[i]) {
			if n == 0 {
				return i
			}
			n--
		}
	}
	return len(s)
}
