package recipients

import (
	"errors"
	"fmt"
	"strings"
)

// Strength is how strictly a phone number is checked.
type Strength uint8

const (
	// Possible accepts a number that its country's plan has room for, in its
	// own canonical form: without trunk zeros and other prefixes that are
	// dialled inside the country only. It is the default and the zero value.
	Possible Strength = iota
	// Valid accepts only those in an assigned range. New ranges are assigned
	// all the time, so a table that is a year old refuses real people.
	Valid
	// Syntax accepts a plus sign and 2 to 15 digits, the first not 0. It cannot
	// see a trunk zero after the calling code. Use it to read back what was
	// stored.
	Syntax
)

// A NationalParser reads the phone number formats of people. The package
// recipients/national has one.
type NationalParser interface {
	// ParseNational returns the phone number that s stands for. Make its errors
	// with [RefusePhone]; other errors are wrapped. It must be safe for
	// concurrent use.
	ParseNational(s string) (Handle, error)
}

// Options change what [Parse] and [Canonicalize] accept. The zero value is what
// those two functions use.
type Options struct {
	// Strength is how strictly phone numbers are checked; default [Possible].
	Strength Strength
	// National, if set, reads each text without an @ that is not a phone number
	// in E.164 form. Strength applies to the number that it returns, too.
	National NationalParser
	// Limit is the greatest number of distinct members of a set, 1 to
	// [MaxRecipients]; default [MaxRecipients].
	Limit int
}

// Parse reads one handle: a phone number, strictly in E.164 form and possible,
// or an email address. The error is an [*Error], which matches [ErrEmail] if s
// contains an @ and [ErrPhone] otherwise. A phone number takes no allocation.
func Parse(s string) (Handle, error) { return Options{}.Parse(s) }

// MustParse is [Parse] for tests and constants: it panics on an error.
func MustParse(s string) Handle {
	h, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return h
}

// Canonicalize reads the recipients of a message: 1 to [MaxRecipients] distinct
// handles, in any order and with repetitions. If a text cannot be read, the
// error is about the first such text, with its index, whatever their number. To
// learn of all faults, call [Parse] for each text and then [NewSet]. Phone
// numbers take one allocation for all of them, and each email address takes
// one.
func Canonicalize(to []string) (Set, error) { return Options{}.Canonicalize(to) }

// Parse is [Parse] under these options. It fails with [ErrInvalid] if an option
// is out of its range.
func (o Options) Parse(s string) (Handle, error) {
	if digits := readPhone(s, o.Strength); digits != 0 && o.Strength <= Syntax {
		return Handle{digits: digits}, nil
	}
	switch {
	case o.Strength > Syntax:
		return Handle{}, fmt.Errorf("%w: strength %d is none of Possible, Valid and Syntax", ErrInvalid, o.Strength)
	case strings.IndexByte(s, '@') >= 0:
		return parseEmail(s)
	case o.National != nil:
		return o.parseNational(s)
	}
	return Handle{}, phoneFault(s, o.Strength)
}

// parseNational checks what the national parser returns with the same strength.
func (o Options) parseNational(s string) (Handle, error) {
	h, err := o.National.ParseNational(s)
	if known := (*Error)(nil); errors.As(err, &known) {
		return Handle{}, err
	}
	if err != nil || !h.IsPhone() {
		return Handle{}, &Error{Rule: RulePhoneNational, kind: ErrPhone, cause: err}
	}
	if text := h.String(); readPhone(text, o.Strength) == 0 {
		e := phoneFault(text, o.Strength)
		e.Offset = 0 // it was an offset in another text
		return Handle{}, e
	}
	return h, nil
}

// Canonicalize is [Canonicalize] under these options. It fails with
// [ErrInvalid] if an option is out of its range.
func (o Options) Canonicalize(to []string) (Set, error) {
	limit := o.Limit
	if limit == 0 {
		limit = MaxRecipients
	}
	if limit < 1 || limit > MaxRecipients {
		return Set{}, fmt.Errorf("%w: limit %d is not 1 to %d", ErrInvalid, limit, MaxRecipients)
	}
	if len(to) == 1 { // a direct chat, as most are, needs no sorting
		h, err := o.Parse(to[0])
		if err != nil {
			return Set{}, err
		}
		p := makePeople(1)
		p.members[0] = h
		return p.set(), nil
	}
	var c collection
	for i, s := range to {
		h, err := o.Parse(s)
		if err != nil {
			return Set{}, indexed(err, i)
		}
		c.add(h)
	}
	return c.set(limit)
}

// indexed returns a copy of an error that knows its place in the list: the
// original may be shared.
func indexed(err error, i int) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	placed := *e
	placed.Index = i
	return &placed
}
