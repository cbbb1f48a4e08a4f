package validate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestShorten says that a short value stays whole, and a long one keeps its
// beginning.
func TestShorten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s") + strings.Repeat("é", rapid.IntRange(0, 80).Draw(t, "n"))
		short := shorten(s)
		if n := len([]rune(s)); n <= maxValue {
			require.Equal(t, s, short)
		} else {
			require.Len(t, []rune(short), maxValue+1)
			require.True(t, strings.HasPrefix(s, strings.TrimSuffix(short, "…")))
		}
	})
	require.Equal(t, "\ufffd", shorten("\xff"))
}
