package recipients

//go:generate go run ../internal/gen/phonetable -o phone_gen.go

// maxText is the length of a plus sign and fifteen digits.
const maxText = 16

// An automaton knows a set of digit strings. Each state is the place of its ten
// transitions; the dead state is 0 and leads to itself; states from accepting on
// accept.
type automaton struct {
	transitions      []uint16
	start, accepting uint16
}

// parsePhone reads a plus sign and digits. On success it is one pass over the
// text without allocation; everything about errors is left to phoneFault.
func parsePhone(s string, strength Strength) (Handle, error) {
	if len(s) < 3 || len(s) > maxText || s[0] != '+' || s[1] == '0' {
		return Handle{}, phoneFault(s, strength)
	}
	digits := strength.read(s[1:])
	if digits == 0 {
		return Handle{}, phoneFault(s, strength)
	}
	return Handle{digits: digits}, nil
}

// read returns the number that 2 to 15 digits spell, 0 if they are not all
// digits or not as strong as asked.
func (s Strength) read(digits string) uint64 {
	switch s {
	case Possible:
		return possible.read(digits)
	case Valid:
		return valid.read(digits)
	}
	return readDigits(digits)
}

// read returns the number that s spells, 0 if s is not in the set.
func (a *automaton) read(s string) uint64 {
	var digits uint64
	state := a.start
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0
		}
		state = a.transitions[state+uint16(c)]
		digits = digits*10 + uint64(c)
	}
	if state < a.accepting {
		return 0
	}
	return digits
}

// readDigits returns the number that s spells, 0 if it is not all digits.
func readDigits(s string) uint64 {
	var digits uint64
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0
		}
		digits = digits*10 + uint64(c)
	}
	return digits
}
