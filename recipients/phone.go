package recipients

// parsePhone reads a plus sign and digits.
func parsePhone(s string, strength Strength) (Handle, error) {
	fault := func(rule string, at int) (Handle, error) {
		return Handle{}, &Error{Rule: rule, Offset: at, kind: ErrPhone, input: s}
	}
	if s == "" {
		return fault(RulePhoneEmpty, 0)
	}
	if s[0] != '+' {
		return fault(RulePhonePlus, 0)
	}
	var digits uint64
	for i := 1; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return fault(RulePhoneCharacter, i)
		}
		if i > 15 {
			return fault(RulePhoneLong, i)
		}
		digits = digits*10 + uint64(c)
	}
	if len(s) > 1 && s[1] == '0' {
		return fault(RulePhoneZero, 1)
	}
	if len(s) < 3 {
		return fault(RulePhoneShort, len(s))
	}
	return Handle{digits: digits}, nil
}
