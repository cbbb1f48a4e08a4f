package message

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

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

// MarshalJSONTo writes t in RFC 3339 with three digits of fraction, in UTC. A year that does not have four digits is an error.
func (t Timestamp) MarshalJSONTo(enc *jsontext.Encoder) error {
	if year := t.t.Year(); year < 0 || year > 9999 {
		return fmt.Errorf("message: year %d has no RFC 3339 form", year)
	}
	return enc.WriteValue(t.appendJSON(enc.AvailableBuffer(), true))
}

// UnmarshalJSONFrom reads null or any RFC 3339 time, and drops what is finer than a millisecond.
func (t *Timestamp) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case jsontext.KindNull:
		*t = Timestamp{}
		return nil
	case jsontext.KindString:
		parsed, err := time.Parse(time.RFC3339, token.String())
		if err != nil {
			return fmt.Errorf("message: not an RFC 3339 time: %w", err)
		}
		*t = At(parsed)
		return nil
	}
	return fmt.Errorf("message: a time is a string or null, not %v", token.Kind())
}

// appendJSON appends the form of the wire. The year must have at most four digits.
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
