package recipients

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The tables are those of Unicode 15.0, whatever the Go release;
// testdata/releases.sh shows that nothing else of a release gets through.
//
//go:generate go run ../internal/gen/mailtable -o email_gen.go

const (
	maxLocal  = 64   // bytes before the @, in canonical form
	maxMail   = 254  // bytes of the whole address, in canonical form
	maxLabel  = 63   // bytes of a domain label, in canonical form
	maxSpoken = 4096 // bytes of an address as it was written
	unfolded  = 4    // characters that normalisation may make one of
)

// parseEmail brings an address to its canonical form: the local part in lower
// case and NFC, the domain in lower-case ASCII.
func parseEmail(s string) (Handle, error) {
	var buf [maxMail]byte
	if b := appendPlain(buf[:0], s); b != nil {
		return Handle{mail: string(b)}, nil
	}
	mail, e := canonicalEmail(s)
	if e != nil {
		e.kind = ErrEmail
		e.Suggestion = meantEmail(s)
		return Handle{}, e
	}
	return Handle{mail: mail}, nil
}

// appendPlain appends the canonical form of an address that is ASCII and in
// order, and returns nil for every other one. It is what most addresses take,
// and touches no table. b must have room for maxMail bytes.
func appendPlain(b []byte, s string) []byte {
	if len(s) > maxMail {
		return nil
	}
	at := strings.IndexByte(s, '@')
	if at < 1 || at > maxLocal {
		return nil
	}
	for i := 0; i < at; i++ {
		c := s[i]
		if c == '.' && (i == 0 || i == at-1 || s[i-1] == '.') || c != '.' && !isAtext(c) {
			return nil
		}
		b = append(b, lowerASCII(c))
	}
	b = append(b, '@')
	label := len(b) // where the current label begins
	numeric, labels := true, 1
	for i := at + 1; i < len(s); i++ {
		c := lowerASCII(s[i])
		switch {
		case 'a' <= c && c <= 'z', c == '-':
			numeric = false
		case '0' <= c && c <= '9':
		case c == '.' && plainLabel(b[label:]):
			label, numeric = len(b)+1, true
			labels++
		default:
			return nil
		}
		b = append(b, c)
	}
	if numeric || labels < 2 || !plainLabel(b[label:]) {
		return nil
	}
	return b
}

// plainLabel reports whether lower-case letters, digits and hyphens are a
// domain label that needs no decoding.
func plainLabel(b []byte) bool {
	return 0 < len(b) && len(b) <= maxLabel && b[0] != '-' && b[len(b)-1] != '-' &&
		!(len(b) >= 4 && b[2] == '-' && b[3] == '-')
}

// canonicalEmail is the whole of the rules. It returns the canonical form or
// what is wrong.
func canonicalEmail(s string) (string, *Error) {
	at, e := mailForm(s)
	if e != nil {
		return "", e
	}
	local, e := canonicalLocal(s[:at])
	if e != nil {
		return "", e
	}
	domain, e := canonicalDomain(s[at+1:])
	if e != nil {
		e.Offset += at + 1
		return "", e
	}
	mail := local + "@" + domain
	if len(mail) > maxMail {
		return "", &Error{Rule: RuleEmailLong, Offset: len(s)}
	}
	return mail, nil
}

// canonicalLocal folds the part before the @.
func canonicalLocal(s string) (string, *Error) {
	for i, r := range s {
		switch {
		case r == '.' && (i == 0 || i == len(s)-1 || s[i-1] == '.'):
			return "", &Error{Rule: RuleEmailDot, Offset: i}
		case r == '.', r < 0x80 && isAtext(byte(r)), r >= 0x80 && unicode.Is(localRunes, r):
		default:
			return "", characterFault(r, i)
		}
	}
	// One character to one, so that two spellings that people tell apart stay
	// two: ß is not ss. Composing again may follow from that.
	local := norm.NFC.String(strings.Map(unicode.ToLower, norm.NFC.String(s)))
	if len(local) > maxLocal {
		return "", &Error{Rule: RuleEmailLocalLong, Offset: len(s)}
	}
	// Normalisation puts a joiner into a row of more than thirty marks.
	if strings.ContainsRune(local, '\u034F') {
		return "", &Error{Rule: RuleEmailMarks, Offset: len(s)}
	}
	return local, nil
}

// canonicalDomain brings the part after the @ to lower-case ASCII. Offsets are
// in that part.
func canonicalDomain(s string) (string, *Error) {
	afterDot, label := true, 0
	for i, r := range s {
		dot := isDot(r)
		label++
		switch {
		case label > unfolded*maxLabel: // encoding it takes time that grows with its square
			return "", &Error{Rule: RuleEmailLabel, Offset: i}
		case dot && (afterDot || i+utf8.RuneLen(r) == len(s)):
			return "", &Error{Rule: RuleEmailDot, Offset: i}
		case r < 0x80 && isDomainByte(byte(r)), r >= 0x80 && unicode.Is(domainRunes, r):
		default:
			return "", characterFault(r, i)
		}
		if afterDot = dot; dot {
			label = 0
		}
	}
	profile := idna.New(
		idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.CheckHyphens(true),
		idna.CheckJoiners(true), idna.BidiRule(), idna.VerifyDNSLength(true))
	domain, err := profile.ToASCII(s)
	if err == nil && !isASCII(s) { // ℵ is written from left to right, and stands for א, which is not
		_, err = profile.ToASCII(domain)
	}
	if err != nil {
		return "", idnaFault(s)
	}
	if e := labelFault(domain); e != nil {
		if !isASCII(s) {
			e.Offset = 0 // it was an offset in another text
		}
		return "", e
	}
	// A label may have come in its ASCII form. What it stands for is held to
	// the same characters, or the verdict would depend on the release of
	// Unicode.
	spoken, err := idna.Punycode.ToUnicode(domain)
	if err != nil {
		return "", idnaFault(s)
	}
	for _, r := range spoken {
		if r >= 0x80 && !unicode.Is(domainRunes, r) {
			return "", &Error{Rule: RuleEmailIDNA, symbol: r}
		}
	}
	return domain, nil
}

// labelFault checks a domain in lower-case ASCII.
func labelFault(domain string) *Error {
	offset, last := 0, ""
	for label := range strings.SplitSeq(domain, ".") {
		switch ace := strings.HasPrefix(label, "xn--"); {
		case label == "":
			return &Error{Rule: RuleEmailDot, Offset: offset}
		case !ace && !plainLabel([]byte(label)), len(label) > maxLabel:
			return &Error{Rule: RuleEmailLabel, Offset: offset}
		}
		offset += len(label) + 1
		last = label
	}
	switch {
	case strings.Trim(last, "0123456789") == "":
		return &Error{Rule: RuleEmailLiteral, Offset: len(domain) - len(last)}
	case len(last) == len(domain):
		return &Error{Rule: RuleEmailDomain, Offset: len(domain)}
	}
	return nil
}

// isAtext reports whether c may stand in an unquoted local part, between dots.
func isAtext(c byte) bool {
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~':
		return true
	}
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isDomainByte(c byte) bool {
	return c == '.' || c == '-' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isDot reports whether UTS 46 takes r for the dot between labels.
func isDot(r rune) bool { return r == '.' || r == '。' || r == '．' || r == '｡' }

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
