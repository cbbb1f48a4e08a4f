package decorations

// place is the start of a character of a valid text: the same place in bytes and in UTF-16 code units.
type place struct {
	byte, unit int
}

// advance returns the last place that is not after the code unit target, from p on, which must not be after it either; target must not be after the end of
// text. The answer falls short of target by one where target is inside a surrogate pair, and by nothing otherwise.
func (p place) advance(text string, target int) place {
	// A chunk never holds more code units than bytes, so whatever ends before the target can be counted whole.
	for target-p.unit > 32 {
		rest := text[p.byte:]
		if len(rest) < 32 {
			break
		}
		p.unit += sum(units(word(rest)) + units(word(rest[8:])) + units(word(rest[16:])) + units(word(rest[24:])))
		p.byte += 32
	}
	// A character whose first bytes were counted is passed over whole.
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
