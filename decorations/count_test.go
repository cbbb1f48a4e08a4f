package decorations_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/internal/samples"
)

func TestLengthOfKnownTexts(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 1, "\x00": 1, "é": 1, "e\u0301": 2, "\uffff": 1, "\U00010000": 2, "\U0010ffff": 2, hand: 11,
		"👨‍👩‍👧‍👦": 11, "🏴󠁧󠁢󠁳󠁣󠁴󠁿": 14, "🇫🇷": 4, "👍🏽": 4,
	} {
		assert.Equal(t, want, Length(text), "%q", text)
	}
}

// Every character counts as in UTF-16, wherever the steps of the count begin
// and end.
func TestLengthOfEveryCharacter(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		want := 1
		if r > 0xFFFF {
			want = 2
		}
		if got := Length(string(r)); got != want {
			t.Fatalf("Length(%U) = %d, want %d", r, got, want)
		}
	}
	for _, c := range []string{"a", "é", "語", "👋"} {
		for before := range 70 {
			for n := range 70 {
				require.Equal(t, before+n*len(encode(c)), Length(strings.Repeat("x", before)+strings.Repeat(c, n)))
			}
		}
	}
}

func TestLengthIsTheReferenceAndAddsUp(t *testing.T) {
	long := samples.Text(400)
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts.Draw(t, "a"), long.Draw(t, "b")
		require.Equal(t, len(encode(b)), Length(b))
		require.Equal(t, Length(a)+Length(b), Length(a+b))
		require.Equal(t, utf8.RuneCountInString(b) <= Length(b), Length(b) <= len(b))
	})
}

func TestLengthAllocatesNothing(t *testing.T) {
	text := strings.Repeat(hand, 100)
	assert.Zero(t, testing.AllocsPerRun(100, func() { sink = Length(text) }))
}

func FuzzLength(f *testing.F) {
	f.Add(hand)
	f.Add(strings.Repeat("語👋", 40) + "x")
	f.Fuzz(func(t *testing.T, text string) {
		got := Length(text) // of any text, without a panic
		if utf8.ValidString(text) {
			require.Equal(t, len(encode(text)), got)
		}
	})
}
