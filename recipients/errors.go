package recipients

import (
	"errors"
	"log/slog"
	"strconv"
	"unicode/utf8"
)

// The kinds of fault. Every error of this package matches exactly one of them
// with [errors.Is].
var (
	// ErrPhone matches every fault of a text without an @, which counts as a
	// phone number.
	ErrPhone = errors.New("recipients: not a phone number in E.164 format")
	// ErrEmail matches every fault of a text with an @.
	ErrEmail = errors.New("recipients: not an email address")
	// ErrEmpty matches the error of a set without a member.
	ErrEmpty = errors.New("recipients: no recipient")
	// ErrTooMany matches the error of a set with too many distinct members.
	ErrTooMany = errors.New("recipients: too many recipients")
	// ErrInvalid matches the error of a call with the zero [Handle], or with an
	// option out of its range.
	ErrInvalid = errors.New("recipients: invalid use")
)

// An Error says why a text is not a handle, and how to mend it.
//
// Error() and the logged form never show the text, because errors end up in
// logs. Suggestion and [Error.Hint] may hold a full number or address: show
// them to the sender only.
type Error struct {
	// Rule is the stable name of the rule that was broken, one of the Rule
	// constants. Callers may branch on it.
	Rule string
	// Offset is the byte of the text at which the fault is, from 0 to the
	// length of the text. It is the length if something is missing at the end.
	Offset int
	// Index is the place of the text in the list given to Canonicalize, from
	// 0. Other functions leave it 0.
	Index int
	// Suggestion is the handle that was meant, in the form in which the same
	// call accepts it. It is empty if that is not certain.
	Suggestion string

	kind   error  // ErrPhone or ErrEmail
	cause  error  // what another parser said, if it did
	code   int    // the calling code, where the fault has to do with one
	trunk  string // the trunk digits found
	symbol rune   // the character found, where one is at fault
}

// RefusePhone returns the error of a [NationalParser] that refuses a text under
// one of the rules of this package, for what stands at a byte of it.
func RefusePhone(rule, text string, offset int) *Error {
	e := &Error{Rule: rule, Offset: offset, kind: ErrPhone}
	if 0 <= offset && offset < len(text) {
		e.symbol, _ = utf8.DecodeRuneInString(text[offset:])
	}
	return e
}

// Error says what is wrong, and where, without showing the text.
func (e *Error) Error() string {
	subject := "phone number"
	if e.kind == ErrEmail {
		subject = "email address"
	}
	return "recipients: " + subject + " " + e.problem() + " (" + e.Rule + " at byte " + strconv.Itoa(e.Offset) + ")"
}

// Hint tells the sender how to mend the text. It may hold the full number or
// address.
func (e *Error) Hint() string {
	remedy := e.remedy()
	if e.Suggestion == "" {
		return remedy
	}
	return remedy + ": " + e.Suggestion
}

// Unwrap returns the kind, and what another parser said if it refused the text.
func (e *Error) Unwrap() []error {
	if e.cause != nil {
		return []error{e.kind, e.cause}
	}
	return []error{e.kind}
}

// LogValue returns what Error returns.
func (e *Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }
