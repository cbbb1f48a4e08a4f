// Package whole reads integers of JSON by their value, in any spelling.
package whole

import (
	"cmp"
	"strconv"
	"strings"
)

// Number returns the value of a JSON number, and false unless it is an integer
// of 64 bits. As in JSON Schema the value counts and not the spelling: 5, 5.0,
// 50e-1 and 0.5E1 are the same integer. It is safe for concurrent use.
func Number(raw string) (n int64, ok bool) {
	n, err := strconv.ParseInt(raw, 10, 64)
	if err == nil {
		return n, true
	}
	mantissa, exponent := raw, ""
	if i := strings.IndexAny(raw, "eE"); i >= 0 {
		mantissa, exponent = raw[:i], raw[i+1:]
	}
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return 0, true // with any exponent
	}
	significant := strings.TrimRight(digits, "0")
	zeros, err := strconv.ParseInt(cmp.Or(exponent, "0"), 10, 32)
	if err != nil {
		return 0, false // no body has so many digits
	}
	zeros += int64(len(digits) - len(significant) - len(fraction))
	const most = 19 // digits of an integer of 64 bits
	if zeros < 0 || int64(len(significant))+zeros > most {
		return 0, false
	}
	n, err = strconv.ParseInt(sign+significant+strings.Repeat("0", int(zeros)), 10, 64)
	return n, err == nil
}
