package recipients_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

// A text of any length is refused with little work: what it takes does not grow
// with the square of its length. Allocations stand for work here.
func TestLongTextsAreCheap(t *testing.T) {
	var ideographs strings.Builder
	for i := range 1300 {
		ideographs.WriteRune(rune(0x4E00 + 7*i))
	}
	for name, s := range map[string]string{
		"marks of an extension": "+" + strings.Repeat("#", 1_000_000),
		"spaces":                "+1" + strings.Repeat(" ", 1_000_000),
		"digits":                "+" + strings.Repeat("1", 1_000_000),
		"zeros":                 strings.Repeat("0", 1_000_000),
		"a local part":          strings.Repeat("a", 1_000_000) + "@example.com",
		"a domain":              "a@" + strings.Repeat("a.", 500_000) + "com",
		"a label to encode":     "a@" + ideographs.String() + ".com",
		"a label to decode":     "a@xn--" + strings.Repeat("abcd9", 800) + ".com",
		"combining marks":       "a" + strings.Repeat("\u0301\u0323", 1000) + "@example.com",
		"brackets":              strings.Repeat("<", 1_000_000) + "a@example.com>",
		"at signs":              strings.Repeat("@", 1_000_000),
	} {
		_, err := recipients.Parse(s)
		require.Error(t, err, name)
		require.LessOrEqual(t, testing.AllocsPerRun(1, func() { _, _ = recipients.Parse(s) }), 200., name)
	}
}
