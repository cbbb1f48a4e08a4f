package recipients

import (
	"errors"
	"fmt"
	"strings"
)

// Strength is how much is asked of a phone number.
type Strength uint8

const (
	// Possible asks for a number that its country's plan has room for, written
	// in its own canonical form. It is the default and the zero value.
	Possible Strength = iota
	// Valid asks for a number in a range that is assigned.
	Valid
	// Syntax asks for a plus sign and 2 to 15 digits, the first not 0. It
	// cannot see a trunk zero after the calling code. It is the strength for
	// reading back what was stored.
	Syntax
)

// A NationalParser reads the phone number formats of people. See the package
// recipients/national for the one that is supplied.
type NationalParser interface {
	// ParseNational returns the phone handle that s stands for. Its errors
	// match [ErrPhone].
	ParseNational(s string) (Handle, error)
}

// Options change what [Parse] and [Canonicalize] accept. The zero value is what
// those two functions do.
type Options struct {
	// Strength is how much is asked of a phone number; default [Possible].
	Strength Strength
	// National, if set, is asked about every text without an @ that is not a
	// strict phone number by itself. What it returns must pass Strength too.
	National NationalParser
}

// Parse reads one handle: a phone number, strictly in E.164 form and possible, or
// an email address. The error is an [*Error] that matches [ErrEmail] if s
// contains an @ and [ErrPhone] otherwise.
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
// handles in any order, repeated as often as wanted. The first text that cannot
// be read is reported, with its index.
func Canonicalize(to []string) (Set, error) { return Options{}.Canonicalize(to) }

// Parse is [Parse] under these options.
func (o Options) Parse(s string) (Handle, error) {
	if strings.IndexByte(s, '@') >= 0 {
		return parseEmail(s)
	}
	h, err := parsePhone(s, o.Strength)
	if err == nil || o.National == nil {
		return h, err
	}
	h, err = o.National.ParseNational(s)
	if err != nil {
		return Handle{}, err
	}
	if !h.IsPhone() {
		return Handle{}, fmt.Errorf("%w: the national parser returned none", ErrPhone)
	}
	var buf [16]byte
	return parsePhone(string(h.AppendTo(buf[:0])), o.Strength)
}

// Canonicalize is [Canonicalize] under these options.
func (o Options) Canonicalize(to []string) (Set, error) {
	handles := make([]Handle, 0, len(to))
	for i, s := range to {
		h, err := o.Parse(s)
		if err != nil {
			if e := (*Error)(nil); errors.As(err, &e) {
				e.Index = i
			}
			return Set{}, err
		}
		handles = append(handles, h)
	}
	return newSet(handles)
}
