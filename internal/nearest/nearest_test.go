package nearest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var letters = rapid.StringOfN(rapid.SampledFrom([]rune("abAB_")), 0, 6, -1)

// slowDistance is the definition, without a table.
func slowDistance(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	i, j := len(a)-1, len(b)-1
	cost := 1
	if strings.EqualFold(a[i:], b[j:]) {
		cost = 0
	}
	d := min(slowDistance(a[:i], b[:j])+cost, slowDistance(a[:i], b)+1, slowDistance(a, b[:j])+1)
	if i > 0 && j > 0 && strings.EqualFold(a[i:], b[j-1:j]) && strings.EqualFold(a[i-1:i], b[j:]) {
		d = min(d, slowDistance(a[:i-1], b[:j-1])+1)
	}
	return d
}

func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		require.Equal(t, slowDistance(a, b), distance(a, b))
		require.Equal(t, distance(a, b), distance(b, a))
		require.Equal(t, strings.EqualFold(a, b), distance(a, b) == 0)
	})
	require.Zero(t, distance("AZ", "az"))
}

// The nearest name is a known one, and none is nearer. A known name is its own
// nearest.
func TestNearest(t *testing.T) {
	known := []string{
		"to", "message", "continuation_message", "exclude_from", "override_optout", "parts", "effect", "reply_to",
		"preferred_service", "idempotency_key", "caption", "subcaption", "trailing_caption", "image_url", "image_title",
		"text", "media", "link", "imessage_app", "app_clip", "bold", "italic", "strikethrough", "underline", "big", "small",
	}
	for _, name := range known {
		require.Equal(t, name, Name(name, known))
		require.Equal(t, name, Name(strings.ToUpper(name), []string{name}))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := []byte(rapid.SampledFrom(known).Draw(t, "name"))
		at := rapid.IntRange(0, len(name)-1).Draw(t, "at")
		found := string(slices.Delete(name, at, at+1))
		got := Name(found, known)
		require.Contains(t, known, got)
		for _, other := range known {
			require.LessOrEqual(t, distance(found, got), distance(found, other))
		}
	})
	require.Equal(t, "ax", Name("aa", []string{"ax", "ay", "xa"}), "the first of several")
	require.Equal(t, strings.Repeat("a", 63)+"b", Name(strings.Repeat("a", 64), []string{strings.Repeat("a", 63) + "b"}))
	require.Empty(t, Name(strings.Repeat("a", 65), []string{strings.Repeat("a", 64)}), "too long to be a name")
	require.Empty(t, Name("", known))
	require.Empty(t, Name(strings.Repeat("to", 100), known))
	require.Empty(t, Name("metadata", known))
}
