package recipients

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phoneFault says why s is not a phone number of a strength. It is only called
// when that is known.
func phoneFault(s string, strength Strength) *Error {
	e := spellingFault(s)
	if e == nil {
		e = planFault(s, strength)
	}
	e.kind = ErrPhone
	if e.Rule != RulePhoneExtension {
		e.Suggestion = meantPhone(s, strength)
	}
	return e
}

// spellingFault finds what is wrong whatever the numbering plan says. Letters
// and extensions come before spaces and dashes, which only go with them.
func spellingFault(s string) *Error {
	switch {
	case s == "":
		return &Error{Rule: RulePhoneEmpty}
	case s[0] != '+':
		if r, _ := utf8.DecodeRuneInString(s); isInvisible(r) {
			return &Error{Rule: RulePhoneInvisible, symbol: r}
		}
		if channelPrefix(s) > 0 {
			return &Error{Rule: RulePhonePrefix}
		}
		return &Error{Rule: RulePhonePlus}
	}
	var first *Error
	for i, r := range s[1:] {
		i++
		switch {
		case '0' <= r && r <= '9':
			continue
		case startsExtension(s[i:]):
			return &Error{Rule: RulePhoneExtension, Offset: i}
		case unicode.IsLetter(r):
			return &Error{Rule: RulePhoneLetter, Offset: i, symbol: r}
		case first != nil:
			continue
		}
		first = &Error{Rule: RulePhoneCharacter, Offset: i, symbol: r}
		switch {
		case isInvisible(r):
			first.Rule = RulePhoneInvisible
		case unicode.IsSpace(r):
			first.Rule = RulePhoneSpace
		case unicode.IsDigit(r):
			first.Rule = RulePhoneDigit
		case unicode.IsPunct(r), separates(r):
			first.Rule = RulePhonePunctuation
		}
	}
	switch {
	case first != nil:
		return first
	case len(s) > maxText:
		return &Error{Rule: RulePhoneLong, Offset: maxText}
	case len(s) > 1 && s[1] == '0':
		return &Error{Rule: RulePhoneZero, Offset: 1}
	case len(s) < 3:
		return &Error{Rule: RulePhoneShort, Offset: len(s)}
	}
	return nil
}

// startsExtension reports whether s begins with a mark that people put between
// a number and an extension, and a digit after it.
func startsExtension(s string) bool {
	for _, mark := range []string{";ext=", "extension", "extn", "ext", "x", "#"} {
		if len(s) > len(mark) && strings.EqualFold(s[:len(mark)], mark) {
			after := s[len(mark):min(len(s), len(mark)+4)]
			return strings.ContainsAny(strings.TrimLeft(after, ".: "), "0123456789")
		}
	}
	return false
}

// planFault finds what the numbering plan has against 2 to 15 digits that do
// not begin with 0.
func planFault(s string, strength Strength) *Error {
	h := Handle{digits: readDigits(s[1:])}
	plan := h.plan()
	if plan.code == 0 {
		return &Error{Rule: RulePhoneCode, Offset: 1}
	}
	national := 1 + len(strconv.Itoa(int(plan.code)))
	e := &Error{Offset: national, code: int(plan.code)}
	length := len(s) - national
	switch {
	case plan.lengths>>length&1 == 0 && !withoutTrunk(s, plan).IsValid():
		e.Offset = len(s)
		switch longest := bits.Len16(plan.lengths) - 1; {
		case length > longest:
			e.Rule, e.Offset = RulePhoneLong, national+longest
		case length < bits.TrailingZeros16(plan.lengths):
			e.Rule = RulePhoneShort
		default:
			e.Rule = RulePhoneLength
		}
	case strength == Valid && possible.read(s[1:]) != 0:
		e.Rule = RulePhoneUnassigned
	case plan.trunk != "" && strings.HasPrefix(s[national:], plan.trunk):
		e.Rule, e.trunk = RulePhoneTrunk, plan.trunk
	default:
		e.Rule = RulePhoneCanonical
	}
	return e
}

// withoutTrunk returns the number that remains when the trunk digits after the
// calling code are dropped, if there are some and that number is assigned.
func withoutTrunk(s string, plan *numberingPlan) Handle {
	code := strconv.Itoa(int(plan.code))
	rest, found := strings.CutPrefix(s[1+len(code):], plan.trunk)
	if !found || plan.trunk == "" {
		return Handle{}
	}
	return Handle{digits: valid.read(code + rest)}
}

// meantPhone returns the number that s was surely meant to be, "" if there is
// none. Taking away what people write between digits is sure; anything that
// changes the digits is only sure if what comes out is an assigned number.
func meantPhone(s string, strength Strength) string {
	const spacious = 64 // no number is written with so much between its digits
	if len(s) > spacious {
		return ""
	}
	digits, plus := onlyDigits(s)
	if len(digits) < 2 || len(digits) >= maxText || digits[0] == '0' {
		return ""
	}
	meant := "+" + digits
	if !plus {
		strength = Valid
	}
	if strength.read(digits) != 0 {
		return meant
	}
	plan := Handle{digits: readDigits(digits)}.plan()
	if plan.code == 0 {
		return ""
	}
	return withoutTrunk(meant, plan).String()
}

// onlyDigits returns the digits of s as ASCII, without what people write
// between them, and whether s begins with a plus sign; the other beginning that
// is understood is 00. It returns "" for anything else.
func onlyDigits(s string) (digits string, plus bool) {
	s = strings.TrimFunc(s, isAround)
	s = strings.TrimLeftFunc(s[channelPrefix(s):], isAround)
	first, size := utf8.DecodeRuneInString(s)
	switch {
	case first == '+', first == '＋':
		plus, s = true, s[size:]
	case strings.HasPrefix(s, "00"):
		s = s[2:]
	default:
		return "", false
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case '０' <= r && r <= '９':
			b.WriteRune(r - '０' + '0')
		case '٠' <= r && r <= '٩':
			b.WriteRune(r - '٠' + '0')
		case '۰' <= r && r <= '۹':
			b.WriteRune(r - '۰' + '0')
		case unicode.IsSpace(r), isInvisible(r), separates(r):
		default:
			return "", false
		}
	}
	return b.String(), plus
}

// separates reports whether people write r between the digits of one number. A
// slash may also stand between two.
func separates(r rune) bool {
	return strings.ContainsRune("-‐‑‒–—−.()[]", r)
}

// isInvisible reports whether r shows nothing and is no space: a control or
// format character, or one that Unicode says to leave out where a font has no
// form for it. Address books and messengers put such around numbers.
func isInvisible(r rune) bool {
	return !unicode.IsSpace(r) && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isAround reports whether r is left out around a number.
func isAround(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) }

// channelPrefix returns the length of the name of a channel or scheme that a
// number begins with, as in whatsapp: and tel://; 0 if there is none.
func channelPrefix(s string) int {
	name, rest, found := strings.Cut(s, ":")
	const longest = 16
	if !found || name == "" || len(name) > longest || rest == "" {
		return 0
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if letter := 'a' <= c && c <= 'z'; !letter && (i == 0 || !strings.ContainsRune("0123456789+-._", rune(name[i]))) {
			return 0
		}
	}
	return len(s) - len(strings.TrimPrefix(rest, "//"))
}
