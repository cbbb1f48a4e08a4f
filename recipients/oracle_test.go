package recipients_test

import (
	"strings"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/fromline/fromline/recipients"
)

// oracle is the definition of the strengths in terms of the number library, as
// docs/rules.md has it (section 3). It shares nothing with the tables but the
// plans they were made from.
func oracle(s string, strength recipients.Strength) bool {
	const plusAndFifteen = 16
	if len(s) > plusAndFifteen {
		return false
	}
	if strength == recipients.Syntax {
		return len(s) > 2 && s[0] == '+' && s[1] >= '1' && strings.Trim(s[1:], "0123456789") == ""
	}
	number, err := phonenumbers.Parse(s, "ZZ")
	if err != nil || phonenumbers.Format(number, phonenumbers.E164) != s ||
		phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return false
	}
	valid := phonenumbers.IsValidNumber(number)
	if strength == recipients.Valid || valid {
		return valid
	}
	region := phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode()))
	trunk := phonenumbers.GetNddPrefixForRegion(region, true)
	return trunk == "" || !strings.HasPrefix(phonenumbers.GetNationalSignificantNumber(number), trunk)
}

// accepts is what the package says, on the same question.
func accepts(s string, strength recipients.Strength) bool {
	_, err := recipients.Options{Strength: strength}.Parse(s)
	return err == nil
}
