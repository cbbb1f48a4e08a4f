package simulate

import (
	"fmt"
	"strings"
	"time"
)

// Span is a duration that is written as people say it: "36h", "10m".
type Span time.Duration

// Days returns how many days it is.
func (s Span) Days() float64 { return time.Duration(s).Hours() / 24 }

// String returns the span without parts that are zero.
func (s Span) String() string {
	text := time.Duration(s).String()
	if strings.HasSuffix(text, "m0s") {
		text = text[:len(text)-2]
	}
	if strings.HasSuffix(text, "h0m") {
		text = text[:len(text)-2]
	}
	return text
}

// MarshalText returns what String returns.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a duration as time.ParseDuration does.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration: write it like 36h or 10m", text)
	}
	*s = Span(d)
	return nil
}
