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
	"github.com/fromline/fromline/internal/v8"
)

// agree asks V8 about text and compares the length, every conversion of the
// places and every slice of the ranges, in code units within the text. No range
// may be empty: V8 cuts nothing out of the middle of a pair, for Slice that is
// no place.
func agree(t rapid.TB, engine *v8.Engine, text string, places []int, ranges [][2]int) v8.Answer {
	answer := engine.Ask(t, v8.Question{Text: text, Places: places, Ranges: ranges})
	require.Equal(t, answer.Length, Length(text), "length of %+q", text)
	x, err := NewIndex(text)
	require.NoError(t, err)
	require.Equal(t, answer.Length, x.Units())

	got := make([]v8.Place, len(places))
	for i, at := range places {
		byteAt, whole := x.ByteAtUnit(at)
		runeAt, again := x.RuneAtUnit(at)
		require.Equal(t, whole, again)
		if !whole {
			continue
		}
		got[i] = v8.Place{Whole: true, Byte: byteAt, Rune: runeAt}
		fromByte, _ := x.UnitAtByte(byteAt)
		fromRune, _ := x.UnitAtRune(runeAt)
		require.Equal(t, [2]int{at, at}, [2]int{fromByte, fromRune}, "back to code unit %d of %+q", at, text)
	}
	require.Equal(t, answer.Places, got, "places %v of %+q", places, text)

	slices := make([]*string, len(ranges))
	for i, ends := range ranges {
		r := Range{ends[0], ends[1]}
		part, err := x.Slice(r)
		if err == nil {
			slices[i] = &part
		}
		require.Equal(t, err == nil, Check(text, []Decoration{Bold.On(r)}) == nil, "slice %v of %+q", r, text)
	}
	require.Equal(t, answer.Slices, slices, "slices %v of %+q", ranges, text)
	return answer
}

// everywhere returns all places of a text and all its ranges of one to five
// code units.
func everywhere(length int) (places []int, ranges [][2]int) {
	for at := range length + 1 {
		places = append(places, at)
		for end := at + 1; end <= min(at+5, length); end++ {
			ranges = append(ranges, [2]int{at, end})
		}
	}
	return places, ranges
}

// Every emoji sequence, alone and among others, is counted and cut as V8 does.
// V8 also says that they are emoji, so that the list is worth its name.
func TestV8OnEmojiSequences(t *testing.T) {
	engine := v8.Start(t)
	emoji, recommended := samples.Emoji(), 0
	for i, sequence := range emoji {
		if testing.Short() && i%8 != 0 {
			continue
		}
		places, ranges := everywhere(Length(sequence))
		if agree(t, engine, sequence, places, ranges).Emoji {
			recommended++
		}
		if i%8 == 0 {
			text := "x" + sequence + emoji[(i*7919)%len(emoji)]
			places, ranges := everywhere(Length(text))
			agree(t, engine, text, places, ranges)
		}
	}
	t.Logf("%d sequences, %d of them recommended by Unicode", len(emoji), recommended)
	if testing.Short() {
		return
	}
	assert.Greater(t, recommended, 3650, "of %d sequences; Unicode 15.0 has 3,655 besides its nine components", len(emoji))
}

// Every character that there is, plane by plane.
func TestV8OnEveryCharacter(t *testing.T) {
	engine := v8.Start(t)
	characters := 0
	for first := rune(0); first <= utf8.MaxRune; first += 1 << 12 {
		var b strings.Builder
		for r := first; r < first+1<<12; r++ {
			if utf8.ValidRune(r) {
				b.WriteRune(r)
				characters++
			}
		}
		n := Length(b.String())
		agree(t, engine, b.String(), []int{0, n / 3, n / 2, n}, [][2]int{{0, n}, {n / 4, n / 2}, {n / 3, n}})
	}
	assert.Equal(t, 17<<16-2048, characters)
}

// Texts of all kinds: joined and broken emoji, lone combining marks, right to
// left, every plane.
func TestV8OnRandomTexts(t *testing.T) {
	engine := v8.Start(t)
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		places, ranges := everywhere(Length(text))
		agree(t, engine, text, places, ranges)
	})
}

// Texts of 10,000 characters, the longest that the endpoint takes.
func TestV8OnLongTexts(t *testing.T) {
	engine := v8.Start(t)
	pieces := 4000
	if testing.Short() {
		pieces = 400 // repeated until there are as many characters
	}
	long := samples.Text(pieces)
	rapid.Check(t, func(t *rapid.T) {
		text := "x" + long.Draw(t, "text")
		for utf8.RuneCountInString(text) < 10_000 {
			text += text
		}
		text = string([]rune(text)[:10_000])
		n := Length(text)
		places := rapid.SliceOfN(rapid.IntRange(0, n), 40, 40).Draw(t, "places")
		var ranges [][2]int
		for range 20 {
			start := rapid.IntRange(0, n-1).Draw(t, "start")
			ranges = append(ranges, [2]int{start, rapid.IntRange(start+1, n).Draw(t, "end")})
		}
		agree(t, engine, text, places, ranges)
	})
}
