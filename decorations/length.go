package decorations

import "encoding/binary"

// Length returns how many UTF-16 code units text has: one for a character up to U+FFFF, two for one beyond, the length that JavaScript, Java and the endpoint
// count in. It allocates nothing. The text must be valid UTF-8; of other text the answer means nothing, and [Check] says where it is wrong.
func Length(text string) int {
	n := 0
	// A loop that re-slices and stops above its step leaves the compiler no bounds to check.
	for len(text) > 32 {
		a, b, c, d := word(text), word(text[8:]), word(text[16:]), word(text[24:])
		if (a|b|c|d)&highBits == 0 {
			n += 32
		} else {
			n += sum(units(a) + units(b) + units(c) + units(d))
		}
		text = text[32:]
	}
	for i := range len(text) {
		n += unitsOf(text[i])
	}
	return n
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// word reads eight bytes.
func word(s string) uint64 { return binary.LittleEndian.Uint64([]byte(s[:8])) }

// units returns, in each byte of the result, the code units that the same byte of x stands for: see unitsOf.
func units(x uint64) uint64 {
	later := (x >> 7) &^ (x >> 6) & lowBits
	first4 := (x >> 7) & (x >> 6) & (x >> 5) & (x >> 4) & lowBits
	return lowBits - later + first4
}

// sum adds up the bytes of x; it must be below 256.
func sum(x uint64) int { return int(x * lowBits >> 56) }

// unitsOf returns the code units that a byte of UTF-8 stands for: a character is counted at its first byte, two for one of four bytes, and the bytes after
// count nothing.
func unitsOf(b byte) int {
	switch {
	case b < 0x80:
		return 1
	case b < 0xC0:
		return 0
	case b < 0xF0:
		return 1
	default:
		return 2
	}
}
