package message

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Fingerprint shows whether two requests are the same (docs/rules.md §8).
// Package validate computes it, and stores keep it. Fingerprints are comparable
// with ==; only those of one version can be equal. The zero value is not a
// fingerprint.
type Fingerprint struct {
	Version uint8 // from 1
	Sum     [32]byte
}

// IsValid reports whether f is a fingerprint: any but one of version 0.
func (f Fingerprint) IsValid() bool { return f.Version != 0 }

// String returns the text form: the version, a colon and the sum in 64
// lower-case hexadecimal digits, such as "1:9f86…".
func (f Fingerprint) String() string {
	b, _ := f.AppendText(make([]byte, 0, 68))
	return string(b)
}

// AppendText appends the text form to b. The error is always nil.
func (f Fingerprint) AppendText(b []byte) ([]byte, error) {
	b = strconv.AppendUint(b, uint64(f.Version), 10)
	b = append(b, ':')
	return hex.AppendEncode(b, f.Sum[:]), nil
}

// MarshalText returns the text form.
func (f Fingerprint) MarshalText() ([]byte, error) { return f.AppendText(nil) }

// UnmarshalText reads the text form of a valid fingerprint, and only the
// spelling that [Fingerprint.String] writes. On an error *f is left as it was.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	version, sum, found := strings.Cut(string(text), ":")
	n, err := strconv.ParseUint(version, 10, 8)
	if !found || err != nil || n == 0 || len(sum) != 64 {
		return fmt.Errorf("message: %q is not a fingerprint: want a version from 1 to 255, a colon and 64 hexadecimal digits", text)
	}
	parsed := Fingerprint{Version: uint8(n)}
	if _, err := hex.Decode(parsed.Sum[:], []byte(sum)); err != nil {
		return fmt.Errorf("message: %q is not a fingerprint: %w", text, err)
	}
	if parsed.String() != string(text) {
		return fmt.Errorf("message: %q is not a fingerprint as it is written: want lower case and no leading zero", text)
	}
	*f = parsed
	return nil
}
