package recipients

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mailForm finds the one @ of a bare address, or what is wrong with the text as
// a whole.
func mailForm(s string) (at int, e *Error) {
	if len(s) > maxSpoken {
		return 0, &Error{Rule: RuleEmailLong, Offset: maxSpoken}
	}
	for i, r := range s {
		if r == utf8.RuneError { // invalid here, or replaced by U+FFFD before: lost
			return 0, &Error{Rule: RuleEmailUTF8, Offset: i}
		}
	}
	if i := strings.IndexAny(s, `"()<>\`); i >= 0 {
		return 0, &Error{Rule: RuleEmailForm, Offset: i, symbol: rune(s[i])}
	}
	if i := strings.Index(s, "@["); i >= 0 {
		return 0, &Error{Rule: RuleEmailLiteral, Offset: i + 1}
	}
	at = strings.IndexByte(s, '@')
	if second := strings.IndexByte(s[at+1:], '@'); second >= 0 {
		return 0, &Error{Rule: RuleEmailAt, Offset: at + 1 + second}
	}
	if at == 0 || at == len(s)-1 {
		return 0, &Error{Rule: RuleEmailEmpty, Offset: at}
	}
	return at, nil
}

// characterFault says why a character may not stand where it was found. The
// answer does not depend on the Go release.
func characterFault(r rune, at int) *Error {
	e := &Error{Rule: RuleEmailCharacter, Offset: at, symbol: r}
	switch {
	case r >= 0x80 && unicode.Is(localRunes, r), r == '\u0130', r == '\u1E9E', r == '\u037E':
	case r >= 0x80 && !unicode.Is(refusedRunes, r):
		e.Rule = RuleEmailUnassigned
	case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
		e.Rule = RuleEmailSpace
	case r < 0x20, r >= 0x7F:
		e.Rule = RuleEmailInvisible
	}
	return e
}

// idnaFault says what is wrong with a domain that UTS 46 refuses. Where the
// domain is ASCII the reason is known here; the reasons for others are many.
func idnaFault(domain string) *Error {
	if e := labelFault(strings.ToLower(domain)); e != nil && isASCII(domain) {
		return e
	}
	return &Error{Rule: RuleEmailIDNA}
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// meantEmail returns the address that s surely holds: s without spaces around
// it, a display name before it, mailto: or a dot at its end. It is "" if
// what remains is not an address.
func meantEmail(s string) string {
	meant := strings.TrimSpace(s)
	if inner, found := strings.CutSuffix(meant, ">"); found {
		meant = inner[strings.LastIndexByte(inner, '<')+1:]
	}
	if len(meant) > 7 && strings.EqualFold(meant[:7], "mailto:") {
		meant = meant[7:]
	}
	meant = strings.TrimSuffix(strings.TrimSpace(meant), ".")
	if strings.IndexByte(meant, '@') < 0 {
		return ""
	}
	mail, e := canonicalEmail(meant)
	if e != nil {
		return ""
	}
	return mail
}
