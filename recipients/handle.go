package recipients

import (
	"cmp"
	"strconv"
	"strings"
)

// A Handle is one person: a phone number in E.164 form or an email address in
// canonical form. Handles are comparable with ==, which is identity, and can be
// map keys. The zero Handle is invalid and is no person.
//
// A phone handle is a packed number: it takes no allocation, and does not keep
// the parsed string in memory. An email handle has its own copy of the text.
type Handle struct {
	digits uint64 // a phone: its digits after the plus sign; else 0
	mail   string // an email address: its canonical form; else ""
}

const (
	minPhone = 10                  // the least number of two digits, the first not 0
	maxPhone = 999_999_999_999_999 // the greatest number of fifteen digits
)

// FromDigits returns the phone handle with the given digits: the 2 to 15 digits
// after the plus sign, as a decimal number. It checks [Syntax] only. The error
// is an [*Error] that matches [ErrPhone].
func FromDigits(digits uint64) (Handle, error) {
	switch {
	case digits < minPhone:
		return Handle{}, &Error{Rule: RulePhoneShort, Offset: 2, kind: ErrPhone}
	case digits > maxPhone:
		return Handle{}, &Error{Rule: RulePhoneLong, Offset: maxText, kind: ErrPhone}
	}
	return Handle{digits: digits}, nil
}

// IsValid reports whether h is a person: any handle but the zero one.
func (h Handle) IsValid() bool { return h.digits != 0 || h.mail != "" }

// IsPhone reports whether h is a phone number.
func (h Handle) IsPhone() bool { return h.digits != 0 }

// IsEmail reports whether h is an email address.
func (h Handle) IsEmail() bool { return h.mail != "" }

// Digits returns the digits of a phone number as a decimal number, from 10 to
// 999,999,999,999,999, and 0 for any other handle.
func (h Handle) Digits() uint64 { return h.digits }

// Compare orders handles: the zero handle first, then phones by their digits as
// a number, then email addresses by their bytes. This order is part of every
// [Key] and never changes.
func (h Handle) Compare(other Handle) int {
	if h.mail == other.mail {
		return cmp.Compare(h.digits, other.digits)
	}
	return strings.Compare(h.mail, other.mail)
}

// String returns the canonical text: a plus sign and digits, or an address with
// a domain in lower-case ASCII. It is empty for the zero handle. A handle is
// personal data; for logs use [Handle.Masked] or pass the handle to log/slog.
func (h Handle) String() string {
	if h.digits == 0 {
		return h.mail
	}
	var buf [16]byte
	return string(h.AppendTo(buf[:0]))
}

// AppendTo appends the text of [Handle.String] to b.
func (h Handle) AppendTo(b []byte) []byte {
	if h.digits == 0 {
		return append(b, h.mail...)
	}
	return strconv.AppendUint(append(b, '+'), h.digits, 10)
}

// Ring returns the position of a phone number on the ring of 2⁶⁴ positions on
// which lines are picked: the splitmix64 finaliser of its digits. No two
// numbers share a position. It is 0, which no number has, for every other
// handle. Positions never change between releases.
func (h Handle) Ring() uint64 {
	z := h.digits
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
