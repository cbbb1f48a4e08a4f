package recipients

// The tables are those of the number library that go.mod pins. After an update
// of it a test fails until this has been run.
//
//go:generate go run ../internal/gen/phonetable -o phone_gen.go

// maxText is the length of a plus sign and fifteen digits.
const maxText = 16

// An automaton knows a set of digit strings. Each state is the place of its ten
// transitions; the dead state is 0 and leads to itself; states from accepting
// on accept.
type automaton struct {
	transitions      []uint16
	start, accepting uint16
}

// readPhone returns the number that a plus sign and 2 to 15 digits spell, 0 if
// s is anything else or not as strong as asked. It is one pass without
// allocation; everything about errors is left to phoneFault.
func readPhone(s string, strength Strength) uint64 {
	if len(s) < 3 || len(s) > maxText || s[0] != '+' || s[1] == '0' {
		return 0
	}
	return strength.read(s[1:])
}

// read is readPhone without the plus sign.
func (s Strength) read(digits string) uint64 {
	switch s {
	case Possible:
		return possible.read(digits)
	case Valid:
		return valid.read(digits)
	}
	return readDigits(digits)
}

// read returns the number that digits spell, 0 if they are not in the set.
func (a *automaton) read(digits string) uint64 {
	transitions := a.transitions
	var number uint64
	state := a.start
	for i := 0; i < len(digits); i++ {
		c := digits[i] - '0'
		if c > 9 {
			return 0
		}
		state = transitions[state+uint16(c)]
		number = number*10 + uint64(c)
	}
	if state < a.accepting {
		return 0
	}
	return number
}

// readDigits returns the number that digits spell, 0 if they are not digits.
func readDigits(digits string) uint64 {
	var number uint64
	for i := 0; i < len(digits); i++ {
		c := digits[i] - '0'
		if c > 9 {
			return 0
		}
		number = number*10 + uint64(c)
	}
	return number
}
