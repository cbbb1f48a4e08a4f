package message

import "time"

// Timestamp is a time of the wire: UTC, in whole milliseconds. It is comparable with ==. The zero value is no time, null in JSON.
type Timestamp struct{ t time.Time }

// At returns t in UTC without what is finer than a millisecond. The zero time gives the zero Timestamp.
func At(t time.Time) Timestamp {
	if t.IsZero() {
		return Timestamp{}
	}
	return Timestamp{t.UTC().Truncate(time.Millisecond)}
}

// Time returns the time, in UTC; the zero time for the zero Timestamp.
func (t Timestamp) Time() time.Time { return t.t }

// IsZero reports whether t is no time.
func (t Timestamp) IsZero() bool { return t.t.IsZero() }

// String returns the form of the wire, such as "2025-10-23T18:07:55.019Z"; "null" for the zero Timestamp.
func (t Timestamp) String() string { return string(t.appendJSON(nil, false)) }

// When the years 0 and 10000 begin, in seconds since 1970.
const (
	year0     = -62_167_219_200
	year10000 = 253_402_300_800
)

// hasText reports whether the year has at most four digits, as the form of the wire wants.
func (t Timestamp) hasText() bool {
	s := t.t.Unix()
	return s >= year0 && s < year10000
}

// appendJSON appends the form of the wire, which t must have.
func (t Timestamp) appendJSON(b []byte, quoted bool) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	if quoted {
		b = append(b, '"')
	}
	year, month, day := t.t.Date()
	hour, minute, second := t.t.Clock()
	b = appendTwo(appendTwo(b, year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	milli := t.t.Nanosecond() / 1e6
	b = append(b, '.', byte('0'+milli/100))
	b = append(appendTwo(b, milli%100), 'Z')
	if quoted {
		b = append(b, '"')
	}
	return b
}

// appendTwo appends n, from 0 to 99, as two digits.
func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
