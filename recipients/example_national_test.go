package recipients_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fromline/fromline/recipients"
)

// office reads the short numbers of a company: *01 is its first telephone.
type office struct{ begins string }

// ParseNational implements recipients.NationalParser.
func (o office) ParseNational(s string) (recipients.Handle, error) {
	short, is := strings.CutPrefix(s, "*")
	if !is || len(short) != 2 {
		return recipients.Handle{}, recipients.RefusePhone(recipients.RulePhoneNational, "is no short number: type * and two digits", 0)
	}
	return recipients.Parse(o.begins + short)
}

// Short numbers are read beside those in international form.
func ExampleNationalParser() {
	read := recipients.Options{National: office{"+142555501"}}
	to, err := read.Canonicalize([]string{"*76", "+14155550142", "+14255550176"})
	fmt.Println(to.String(), err)

	_, err = read.Parse("*7")
	if wrong, is := errors.AsType[*recipients.Error](err); is {
		fmt.Println(wrong.Rule)
	}
	// Output:
	// +14155550142,+14255550176 <nil>
	// phone.national
}
