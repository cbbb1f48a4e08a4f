package samples

import (
	"strings"

	"pgregory.net/rapid"
)

// words are short texts that a program handles wrongly if it counts in the
// wrong unit or looks at single characters.
var words = []string{
	"a", "Hello", "see you at 5", "naïve", "ｆｕｌｌ", " ", "\n", "\r\n", "\t", "\x00", "\u007f",
	"e\u0301", "\u0301", "\u0300\u0301\u0302", "o\u0308\u0304", // combining marks, also with nothing to combine with
	"שלום", "مرحبا", "\u200fשבת\u200e", "\u202bאבג\u202c", "لا", // right to left, with marks of direction
	"क्षि", "ക്ഷ", "நி", "ที่", "한글", "\u1112\u1161\u11ab", "\u1100\u1161", // conjuncts, vowel signs, jamo
	// emoji, whole and not
	"👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇫🇷", "🇫", "🇫🇷🇩", "1️⃣", "👍🏽", "❤️‍🔥", "\u200d", "\ufe0f", "🏽", "👩\u200d",
	"𝒳", "𠮷野家", "𐍈", "\U0001F600", "\uffff", "\U0010ffff", "\ufffd", "\ue000", "\ud7ff", "\ufeff", "\u2028", "\u0600", // the edges of planes
}

// Text returns texts of up to about max pieces: words, emoji sequences, and
// single characters of every plane.
func Text(max int) *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9 .,!?*_~#-]{1,12}`),
		rapid.SampledFrom(words),
		rapid.SampledFrom(Emoji()),
		rapid.Map(Character(), func(r rune) string { return string(r) }),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, max), func(pieces []string) string { return strings.Join(pieces, "") })
}

// Character returns characters, of each plane with the same probability.
func Character() *rapid.Generator[rune] {
	return rapid.Custom(func(t *rapid.T) rune {
		r := rapid.Int32Range(0, 16).Draw(t, "plane")<<16 | rapid.Int32Range(0, 0xFFFF).Draw(t, "character")
		if r >= 0xD800 && r <= 0xDFFF {
			return '\uFFFD'
		}
		return r
	})
}
