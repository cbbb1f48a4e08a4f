package whole_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fromline/fromline/internal/whole"
)

// A number is an integer by its value, as math/big reads it.
func TestNumberIsItsValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		raw += rapid.SampledFrom([]string{"0", "5", "12", "9223372036854775807", "9223372036854775808", "100000000000000000000"}).Draw(t, "whole")
		if fraction := rapid.StringMatching(`[0-9]{0,4}`).Draw(t, "fraction"); fraction != "" {
			raw += "." + fraction
		}
		if rapid.Bool().Draw(t, "has exponent") {
			raw += rapid.SampledFrom([]string{"e", "E", "e+", "e-", "E-"}).Draw(t, "e") + rapid.StringMatching(`0{0,2}[0-9]{1,2}`).Draw(t, "exponent")
		}
		value, ok := new(big.Rat).SetString(raw)
		if !ok {
			t.Fatalf("math/big cannot read %s", raw)
		}
		want, fits := value.Num().Int64(), value.IsInt() && value.Num().IsInt64()
		got, ok := whole.Number(raw)
		if ok != fits || ok && got != want {
			t.Errorf("%s: %d, %v; want %d, %v", raw, got, ok, want, fits)
		}
	})
}

// A huge exponent costs nothing, and 0 is 0 with any exponent.
func TestNumberFarAway(t *testing.T) {
	for _, raw := range []string{"1e" + strings.Repeat("9", 1000), "1e-" + strings.Repeat("9", 1000), "1e2147483647", "1e-2147483648"} {
		if n, ok := whole.Number(raw); ok {
			t.Errorf("%.20s is read as %d", raw, n)
		}
		zero := "-0.0" + raw[1:]
		if n, ok := whole.Number(zero); !ok || n != 0 {
			t.Errorf("%.20s: %d, %v; want 0", zero, n, ok)
		}
	}
	if n, ok := whole.Number("-9223372036854775808.0"); !ok || strconv.FormatInt(n, 10) != "-9223372036854775808" {
		t.Error("the smallest integer is refused")
	}
}
