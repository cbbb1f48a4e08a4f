package national

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/fromline/fromline/recipients"
)

// Options say how numbers are written. Region has no default.
type Options struct {
	// Region is where a number without a country's calling code is dialled: two
	// capital letters of ISO 3166-1, such as US or GB.
	Region string
	// Letters reads letters as on a telephone keypad, as in 1-800-FLOWERS. By
	// default they are refused, because a name typed into the wrong field would
	// be a number too.
	Letters bool
}

// A Parser reads the phone numbers of one region. It is immutable, comparable
// and safe for concurrent use. The zero Parser refuses everything.
type Parser struct {
	region  string
	letters bool
}

var _ recipients.NationalParser = Parser{}

// New returns a parser. It fails if the region is not one that has a numbering
// plan.
func New(o Options) (Parser, error) {
	if !phonenumbers.GetSupportedRegions()[o.Region] {
		return Parser{}, fmt.Errorf("national: region %q has no numbering plan; give two capital letters of ISO 3166-1, such as US", o.Region)
	}
	return Parser{region: o.Region, letters: o.Letters}, nil
}

// ParseNational returns the phone number that s is, dialled or written in the
// region. What it returns is possible: [recipients.Parse] accepts its text
// unchanged. The error is a [*recipients.Error] that matches
// [recipients.ErrPhone]; where the text can be read but the number is refused,
// its offset is 0.
func (p Parser) ParseNational(s string) (recipients.Handle, error) {
	if err := p.spelling(s); err != nil {
		return recipients.Handle{}, err
	}
	if p.region == "" {
		return recipients.Handle{}, recipients.RefusePhone(recipients.RulePhoneNational, s, 0)
	}
	number, err := phonenumbers.Parse(s, p.region)
	switch {
	case err != nil:
		return recipients.Handle{}, recipients.RefusePhone(recipients.RulePhoneNational, s, 0)
	case number.GetExtension() != "":
		return recipients.Handle{}, recipients.RefusePhone(recipients.RulePhoneExtension, s, len(s))
	}
	h, err := recipients.Parse(phonenumbers.Format(number, phonenumbers.E164))
	if refused := (*recipients.Error)(nil); errors.As(err, &refused) {
		refused.Offset = 0 // it was an offset in another text
	}
	return h, err
}

// spelling refuses what the library would pass over in silence: it takes a
// number out of any text, drops one or two letters, and stops where a second
// number begins.
func (p Parser) spelling(s string) error {
	letters, firstLetter, firstDigit := 0, len(s), len(s)
	for i, r := range s {
		rule := ""
		switch {
		case r == '+', r == '＋':
			if strings.TrimLeftFunc(s[:i], opens) != "" {
				rule = recipients.RulePhoneCharacter
			}
		case r == '#', r == ';', r == ',':
			rule = recipients.RulePhoneExtension
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			letters++
			firstLetter = min(firstLetter, i)
		case unicode.IsLetter(r):
			rule = recipients.RulePhoneLetter
		case unicode.IsDigit(r):
			firstDigit = min(firstDigit, i)
		case !separates(r):
			rule = recipients.RulePhoneCharacter
		}
		if rule != "" {
			return recipients.RefusePhone(rule, s, i)
		}
	}
	switch {
	case letters == 0:
		return nil
	case extends(s):
		return recipients.RefusePhone(recipients.RulePhoneExtension, s, firstLetter)
	case !p.letters || letters < 3 || firstLetter < firstDigit:
		return recipients.RefusePhone(recipients.RulePhoneLetter, s, firstLetter)
	}
	return nil
}

// separates reports whether people write r between the digits of one number.
func separates(r rune) bool {
	return strings.ContainsRune(" \u00a0\u2002\u2003\u2007\u2009\u202f\u3000\u00ad\u200b\u2060-‐‑‒–—―−ー－().[]/（）［］．／", r)
}

// opens reports whether r may come before the plus sign.
func opens(r rune) bool { return strings.ContainsRune(" \u00a0\u3000([（［", r) }

// extends reports whether the letters of s are those of an extension: an x, or
// a word for extension, before the last digits.
func extends(s string) bool {
	s = strings.ToLower(strings.TrimRightFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }))
	if s == "" {
		return false
	}
	word := s[strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	switch word {
	case "x", "ex", "xt", "ext", "extn", "extension", "int", "anexo":
		return true
	}
	return false
}
