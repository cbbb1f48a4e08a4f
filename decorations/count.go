package decorations

// Length returns how many UTF-16 code units text has: one for a character up to
// U+FFFF, two for one beyond. JavaScript, Java and the endpoint count so. It
// allocates nothing. The text must be valid UTF-8; otherwise the result means
// nothing, and [Check] says which byte is wrong.
func Length(text string) int {
	n := 0
	// A loop that slices its text shorter and stops above its step leaves the
	// compiler no bounds to check.
	for len(text) > 32 {
		a, b, c, d := word(text), word(text[8:]), word(text[16:]), word(text[24:])
		if (a|b|c|d)&highBits == 0 {
			n += 32
		} else {
			n += sum(unitsOfEach(a) + unitsOfEach(b) + unitsOfEach(c) + unitsOfEach(d))
		}
		text = text[32:]
	}
	for len(text) > 8 {
		n += sum(unitsOfEach(word(text)))
		text = text[8:]
	}
	for i := range len(text) {
		n += unitsOf(text[i])
	}
	return n
}

// unitsOf returns the code units that a byte of UTF-8 stands for. A character
// is counted at its first byte, two for a character of four bytes; the bytes
// after the first count nothing. So a text may be counted in pieces cut
// anywhere, and a piece never counts more than its bytes and one.
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

const (
	lowBits  = 0x0101010101010101 // the lowest bit of each of eight bytes
	highBits = 0x8080808080808080 // the highest
)

// word returns the first eight bytes of s as a number; the compiler makes one
// load of it.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// unitsOfEach returns unitsOf for each of eight bytes, each in its own byte.
func unitsOfEach(x uint64) uint64 {
	ofFour := x >> 7 & (x >> 6) & (x >> 5) & (x >> 4) & lowBits
	return firstOfEach(x) + ofFour
}

// firstOfEach returns, for each of eight bytes, 1 if it is the first byte of a
// character and 0 if not.
func firstOfEach(x uint64) uint64 { return lowBits &^ (x >> 7 &^ (x >> 6)) }

// sum adds up the eight bytes of x; the sum must be below 256.
func sum(x uint64) int { return int(x * lowBits >> 56) }

// place is a place in a valid text between two characters, in bytes and in code
// units.
type place struct {
	byte, unit int
}

// advance returns the last place at or before target, in code units, or the end
// of text if that comes first. It starts at p, which must not be after target.
// The answer falls one short of a target inside a surrogate pair.
func (p place) advance(text string, target int) place {
	// As many bytes as code units are missing, less one, never go past the
	// target.
	for target-p.unit > 8 && p.byte < len(text) {
		rest := text[p.byte:]
		leap := min(target-p.unit-1, len(rest))
		p.unit += Length(rest[:leap])
		p.byte += leap
	}
	// Bytes that count nothing are passed over at the target too: they belong
	// to a character before it.
	for p.byte < len(text) {
		n := unitsOf(text[p.byte])
		if n > 0 && p.unit+n > target {
			break
		}
		p.unit += n
		p.byte++
	}
	return p
}
