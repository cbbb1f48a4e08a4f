package recipients

import (
	"errors"
	"strconv"
	"strings"
)

// The kinds of fault. Every error of this package matches exactly one of them
// with [errors.Is].
var (
	// ErrPhone is matched by every fault of a text without an @, which was
	// meant to be a phone number.
	ErrPhone = errors.New("recipients: not a phone number in E.164 format")
	// ErrEmail is matched by every fault of a text with an @.
	ErrEmail = errors.New("recipients: not an email address")
	// ErrEmpty is matched when a set would have no member.
	ErrEmpty = errors.New("recipients: no recipient")
	// ErrTooMany is matched when a set would have more than [MaxRecipients]
	// distinct members.
	ErrTooMany = errors.New("recipients: too many recipients")
	// ErrInvalid is matched when the zero [Handle] is used as a member.
	ErrInvalid = errors.New("recipients: not a handle")
)

// Names of the rules, as in [Error.Rule]. They are stable: callers may branch on
// them and show them.
const (
	RulePhoneEmpty     = "phone.empty"      // nothing at all
	RulePhonePlus      = "phone.plus"       // does not begin with +
	RulePhoneCharacter = "phone.character"  // something else than an ASCII digit after the +
	RulePhoneZero      = "phone.zero"       // begins with +0
	RulePhoneShort     = "phone.short"      // fewer digits than any number of that calling code
	RulePhoneLong      = "phone.long"       // more digits than 15, or than any number of that calling code
	RulePhoneCode      = "phone.code"       // no such calling code
	RulePhoneLength    = "phone.length"     // no number of that calling code has so many digits
	RulePhoneTrunk     = "phone.trunk"      // a trunk prefix after the calling code
	RulePhoneUnfit     = "phone.unassigned" // strength Valid: in no assigned range
)

// An Error says why a text is not a handle. It is always used as a pointer.
//
// Error() is safe to log: it never shows the text itself. Suggestion and the
// text of [Error.Hint] may hold a full number or address and are meant for the
// one who sent it.
type Error struct {
	// Rule is the stable name of the rule that was broken.
	Rule string
	// Offset is the byte at which the fault was found, from 0 to the length of
	// the text.
	Offset int
	// Index is the place of the text in the list given to Canonicalize, from
	// 0. It is 0 for an error of Parse.
	Index int
	// Suggestion is the handle probably meant, in a form that the same call
	// would accept; empty where there is no sure one.
	Suggestion string

	kind  error
	input string
}

// Error describes the fault without showing the text.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("recipients: ")
	b.WriteString(e.Rule)
	b.WriteString(" at byte ")
	b.WriteString(strconv.Itoa(e.Offset))
	return b.String()
}

// Unwrap returns the kind: one of the sentinel errors of this package.
func (e *Error) Unwrap() error { return e.kind }
