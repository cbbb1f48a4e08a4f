package recipients

import (
	"fmt"
	"unicode"
)

// Names of the rules, as in [Error.Rule]. They never change.
const (
	RulePhoneEmpty       = "phone.empty"       // there is no text
	RulePhonePlus        = "phone.plus"        // does not begin with +
	RulePhoneExtension   = "phone.extension"   // has an extension
	RulePhoneLetter      = "phone.letter"      // has a letter
	RulePhoneSpace       = "phone.space"       // has white space
	RulePhonePunctuation = "phone.punctuation" // has a dash, a bracket or the like
	RulePhoneInvisible   = "phone.invisible"   // has a control or another invisible character
	RulePhonePrefix      = "phone.prefix"      // has the prefix of a channel or scheme, such as sms:
	RulePhoneDigit       = "phone.digit"       // has a digit that is not 0 to 9
	RulePhoneCharacter   = "phone.character"   // has something else that is not a digit
	RulePhoneZero        = "phone.zero"        // has a 0 right after the +
	RulePhoneCode        = "phone.code"        // begins with no calling code
	RulePhoneTrunk       = "phone.trunk"       // has trunk digits after the calling code
	RulePhoneShort       = "phone.short"       // has fewer digits than any number there
	RulePhoneLong        = "phone.long"        // has more digits than any number there
	RulePhoneLength      = "phone.length"      // no number there has so many digits
	RulePhoneCanonical   = "phone.canonical"   // has a dialling prefix: it is written otherwise
	RulePhoneUnassigned  = "phone.unassigned"  // strength Valid: in no assigned range
	RulePhoneNational    = "phone.national"    // the national parser refused it

	RuleEmailAt         = "email.at"         // more than one @
	RuleEmailUTF8       = "email.utf8"       // is not valid UTF-8, or holds what replaced such
	RuleEmailEmpty      = "email.empty"      // nothing before or after the @
	RuleEmailForm       = "email.form"       // a display name, quotes or a comment
	RuleEmailLiteral    = "email.literal"    // a network address instead of a domain
	RuleEmailSpace      = "email.space"      // has white space
	RuleEmailInvisible  = "email.invisible"  // has a control or another invisible character
	RuleEmailCharacter  = "email.character"  // has a character that is not allowed there
	RuleEmailUnassigned = "email.unassigned" // has a character unknown to Unicode 15.0
	RuleEmailMarks      = "email.marks"      // has more than thirty combining marks in a row
	RuleEmailDot        = "email.dot"        // a dot first, last or doubled
	RuleEmailLocalLong  = "email.local-long" // more than 64 bytes before the @
	RuleEmailLong       = "email.long"       // more than 254 bytes
	RuleEmailLabel      = "email.label"      // a domain label too long or with misplaced hyphens
	RuleEmailDomain     = "email.domain"     // a domain of one label
	RuleEmailIDNA       = "email.idna"       // UTS 46 refuses the domain
)

// problem completes the sentence "phone number …" or "email address …".
func (e *Error) problem() string {
	switch e.Rule {
	case RulePhoneEmpty:
		return "is empty"
	case RulePhonePlus:
		return "does not begin with +"
	case RulePhoneExtension:
		return "has an extension, which no message can be sent to"
	case RulePhoneLetter:
		return "has a letter where only digits may stand"
	case RulePhoneInvisible:
		return "has an invisible character (" + describe(e.symbol) + ")"
	case RulePhonePrefix:
		return "has the prefix of a channel before it"
	case RulePhoneSpace, RulePhonePunctuation, RulePhoneDigit, RulePhoneCharacter:
		return "has " + describe(e.symbol) + " where only digits 0 to 9 may stand"
	case RulePhoneZero:
		return "has a 0 after the +, and no calling code begins with 0"
	case RulePhoneCode:
		return "begins with no assigned calling code"
	case RulePhoneTrunk:
		return fmt.Sprintf("has the trunk prefix %s after +%d, which is dialled inside that country only", e.trunk, e.code)
	case RulePhoneShort:
		return "has too few digits" + e.ofPlan()
	case RulePhoneLong:
		return "has too many digits" + e.ofPlan()
	case RulePhoneLength:
		return "has a number of digits that does not occur" + e.ofPlan()
	case RulePhoneCanonical:
		return fmt.Sprintf("has a dialling prefix after +%d and is not in its canonical form", e.code)
	case RulePhoneUnassigned:
		return "is in no assigned range" + e.ofPlan()
	case RulePhoneNational:
		return "cannot be read as a national number"
	case RuleEmailAt:
		return "has more than one @"
	case RuleEmailUTF8:
		return "is not valid UTF-8"
	case RuleEmailEmpty:
		return "has nothing before or after the @"
	case RuleEmailForm:
		return "has a display name, quotes or a comment around it"
	case RuleEmailLiteral:
		return "has a network address in place of a domain"
	case RuleEmailSpace:
		return "has white space (" + describe(e.symbol) + ")"
	case RuleEmailInvisible:
		return "has an invisible character (" + describe(e.symbol) + ")"
	case RuleEmailCharacter:
		return "has " + describe(e.symbol) + ", which is not allowed there"
	case RuleEmailUnassigned:
		return "has a character that Unicode 15.0 does not know (" + describe(e.symbol) + ")"
	case RuleEmailMarks:
		return "has more than thirty combining marks in a row"
	case RuleEmailDot:
		return "has a dot first, last or doubled"
	case RuleEmailLocalLong:
		return "has more than 64 bytes before the @"
	case RuleEmailLong:
		return "has more than 254 bytes"
	case RuleEmailLabel:
		return "has a domain label of more than 63 bytes or with misplaced hyphens"
	case RuleEmailDomain:
		return "has a domain of one label"
	case RuleEmailIDNA:
		return "has a domain that the rules for international names refuse"
	}
	return "is not acceptable"
}

// remedy says what to do about it, and where that does not show what is wrong,
// says that first.
func (e *Error) remedy() string {
	switch e.Rule {
	case RulePhoneEmpty:
		return "it is empty, so leave it out"
	case RulePhonePlus:
		return "write + and the country's calling code, then the number"
	case RulePhoneInvisible:
		return "leave out the invisible character " + describe(e.symbol)
	case RulePhonePrefix:
		return "leave out what stands before the number, and begin with + and the country's calling code"
	case RulePhoneExtension:
		return "give the number of a person, without an extension"
	case RulePhoneLetter:
		return "write digits in place of letters"
	case RulePhoneSpace:
		return "write + and the digits 0 to 9 only, without white space"
	case RulePhonePunctuation:
		return "write + and the digits 0 to 9 only, without " + describe(e.symbol)
	case RulePhoneDigit:
		return "write 0 to 9 in place of the digit " + describe(e.symbol)
	case RulePhoneCharacter:
		return "write + once, and then the digits 0 to 9 only"
	case RulePhoneZero:
		return "no calling code begins with 0: write the country's calling code right after the +"
	case RulePhoneCode:
		return "no calling code begins like this: check the first digits after the +"
	case RulePhoneTrunk:
		return fmt.Sprintf("drop the %s after +%d", e.trunk, e.code)
	case RulePhoneShort:
		return "it has too few digits" + e.ofPlan() + ": write the whole number, with its area code"
	case RulePhoneLong:
		return "it has too many digits" + e.ofPlan() + ": leave out what does not belong to it"
	case RulePhoneLength:
		return "it has a number of digits that does not occur" + e.ofPlan() + ": check it"
	case RulePhoneCanonical:
		return fmt.Sprintf("write the number as it is dialled from abroad after +%d", e.code)
	case RulePhoneUnassigned:
		return "it is in no range that is in use" + e.ofPlan() + ": check it"
	case RulePhoneNational:
		return "it cannot be read as a number of this country: check it, or write + and the country's calling code before it"
	case RuleEmailAt:
		return "it has more than one @: write one address, as in name@example.com"
	case RuleEmailUTF8:
		return "it has what stands for bytes that are not UTF-8 (U+FFFD): read the address again from its source"
	case RuleEmailEmpty:
		return "nothing stands before or after the @: write the whole address, as in name@example.com"
	case RuleEmailForm:
		return "write the bare address, as in name@example.com"
	case RuleEmailLiteral:
		return "write a domain after the @ in place of the network address"
	case RuleEmailSpace:
		return "leave out the white space " + describe(e.symbol)
	case RuleEmailInvisible:
		return "leave out the invisible character " + describe(e.symbol)
	case RuleEmailCharacter:
		return "leave out " + describe(e.symbol) + ", which is not allowed there"
	case RuleEmailUnassigned:
		return "leave out the character " + describe(e.symbol) + ", which Unicode 15.0 does not know"
	case RuleEmailMarks:
		return "leave out the combining marks: there are more than thirty in a row"
	case RuleEmailDot:
		return "leave out the dot that stands first, last or after another dot"
	case RuleEmailLocalLong:
		return "it has more than 64 bytes before the @: check the address for text that does not belong to it"
	case RuleEmailLong:
		return "it has more than 254 bytes: check the address for text that does not belong to it"
	case RuleEmailLabel:
		return "a part of the domain has more than 63 bytes, or a hyphen where none may stand: check what stands after the @"
	case RuleEmailDomain:
		return "the domain has no dot: write the whole domain after the @, as in name@example.com"
	case RuleEmailIDNA:
		return "the rules for international domains (UTS 46) refuse the domain: check what stands after the @"
	}
	return "check the text"
}

// ofPlan names the calling code that a number of digits is judged by.
func (e *Error) ofPlan() string {
	if e.code == 0 {
		return ""
	}
	return fmt.Sprintf(" for a number of +%d", e.code)
}

// describe names a character so that nothing invisible is printed.
func describe(r rune) string {
	if unicode.IsGraphic(r) && !unicode.IsSpace(r) {
		return fmt.Sprintf("%q (%U)", r, r)
	}
	return fmt.Sprintf("%U", r)
}
