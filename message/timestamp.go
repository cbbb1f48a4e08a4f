package message

import (
	"fmt"
	"time"
)

// Timestamp is a time as the API writes it: UTC, in whole milliseconds.
// Timestamps are comparable with ==. The zero value means no time, and is null
// in JSON.
type Timestamp struct{ milli int64 } // milliseconds since 1 January of the year 1, the zero time of package time

// unixEpoch is the year 1970 in milliseconds since the year 1.
const unixEpoch = 62_135_596_800_000

// At returns t in UTC, cut to whole milliseconds. The zero time gives the zero
// Timestamp. t must be within 292 million years of 1970.
func At(t time.Time) Timestamp { return Timestamp{t.UnixMilli() + unixEpoch} }

// Time returns the time, in UTC; the zero time for the zero Timestamp.
func (t Timestamp) Time() time.Time { return time.UnixMilli(t.milli - unixEpoch).UTC() }

// IsZero reports whether t is no time.
func (t Timestamp) IsZero() bool { return t.milli == 0 }

// String returns the form of the wire, such as "2025-10-23T18:07:55.019Z";
// "null" for the zero Timestamp.
func (t Timestamp) String() string {
	if t.IsZero() {
		return "null"
	}
	return string(t.append(nil))
}

// When the years 0 and 10000 begin, in milliseconds since the year 1.
const (
	year0     = -62_167_219_200_000 + unixEpoch
	year10000 = 253_402_300_800_000 + unixEpoch
)

// AppendText appends the form of the wire. A year outside of 0 to 9999 is an
// error, and so is the zero Timestamp, which is null in JSON.
func (t Timestamp) AppendText(b []byte) ([]byte, error) {
	if t.IsZero() || t.milli < year0 || t.milli >= year10000 {
		return b, fmt.Errorf("message: year %d has no RFC 3339 form", t.Time().Year())
	}
	return t.append(b), nil
}

// append appends the form of the wire, whatever the year.
func (t Timestamp) append(b []byte) []byte {
	at := t.Time()
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	b = appendTwo(appendTwo(b, year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	milli := at.Nanosecond() / 1e6
	b = append(b, '.', byte('0'+milli/100))
	return append(appendTwo(b, milli%100), 'Z')
}

// appendTwo appends n, from 0 to 99, as two digits.
func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
