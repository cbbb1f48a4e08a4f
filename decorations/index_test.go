package decorations_test

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/internal/samples"
)

// checkIndex compares every conversion of every place of text, and some beyond,
// with counting by hand.
func checkIndex(t require.TestingT, text string) {
	x, err := NewIndex(text)
	require.NoError(t, err)
	require.Equal(t, text, x.Text())
	require.Equal(t, utf8.RuneCountInString(text), x.Runes())
	require.Equal(t, len(encode(text)), x.Units())

	// The places between characters, counted side by side. In each count,
	// everything else is not a place.
	bytes, runes, units := map[int][2]int{}, map[int][2]int{}, map[int][2]int{}
	rune, unit := 0, 0
	for b, r := range text + "." {
		bytes[b], runes[rune], units[unit] = [2]int{rune, unit}, [2]int{b, unit}, [2]int{b, rune}
		rune++
		unit += utf16.RuneLen(r)
	}
	same := func(want map[int][2]int, i int, convert func(int) (int, bool)) {
		for at := -2; at <= len(text)+2; at++ {
			place, exists := want[at]
			got, ok := convert(at)
			require.Equal(t, exists, ok, "at %d", at)
			require.Equal(t, place[i], got, "at %d", at) // 0 if there is no such place
		}
	}
	same(bytes, 0, x.RuneAtByte)
	same(bytes, 1, x.UnitAtByte)
	same(runes, 0, x.ByteAtRune)
	same(runes, 1, x.UnitAtRune)
	same(units, 0, x.ByteAtUnit)
	same(units, 1, x.RuneAtUnit)
}

func TestIndexOfTextsAroundItsBlocks(t *testing.T) {
	checkIndex(t, "")
	for _, c := range []string{"a", "é", "語", "👋"} {
		for n := 120; n <= 136; n++ {
			text := strings.Repeat("x", n) + strings.Repeat(c, 70)
			checkIndex(t, text)
		}
		checkIndex(t, strings.Repeat(c, 128)) // ends just where a block ends
	}
}

func TestIndexIsTheReference(t *testing.T) {
	long := samples.Text(60)
	rapid.Check(t, func(t *rapid.T) {
		checkIndex(t, long.Draw(t, "text"))
	})
}

// Ranges from bytes and from runes are the same range, cut the same text, and
// both ways of asking agree.
func TestRangesRoundTrip(t *testing.T) {
	long := samples.Text(40)
	rapid.Check(t, func(t *rapid.T) {
		text := long.Draw(t, "text")
		x, err := NewIndex(text)
		require.NoError(t, err)
		start := rapid.IntRange(0, x.Runes()).Draw(t, "start")
		end := rapid.IntRange(start, x.Runes()).Draw(t, "end")
		part := string([]rune(text)[start:end])
		from := len(string([]rune(text)[:start]))

		r, err := FromRunes(text, start, end)
		require.NoError(t, err)
		require.Equal(t, part, string(utf16.Decode(encode(text)[r.Start:r.End])))
		for _, again := range []func() (Range, error){
			func() (Range, error) { return FromBytes(text, from, from+len(part)) },
			func() (Range, error) { return x.FromBytes(from, from+len(part)) },
			func() (Range, error) { return x.FromRunes(start, end) },
		} {
			got, err := again()
			require.NoError(t, err)
			require.Equal(t, r, got)
		}
		for _, slice := range []func(Range) (string, error){x.Slice, func(r Range) (string, error) { return Slice(text, r) }} {
			got, err := slice(r)
			require.NoError(t, err)
			require.Equal(t, part, got)
		}
		if start < end {
			require.Nil(t, Check(text, []Decoration{Bold.On(r), Italic.On(r)}))
		}
	})
}

// Every range that is none is refused, by both ways of asking.
func TestRangesRefused(t *testing.T) {
	x, err := NewIndex(hand)
	require.NoError(t, err)
	slice := func(start, end int) error {
		_, err := Slice(hand, Range{start, end})
		_, again := x.Slice(Range{start, end})
		assert.Equal(t, err, again)
		return err
	}
	bytes := func(start, end int) error {
		_, err := FromBytes(hand, start, end)
		_, again := x.FromBytes(start, end)
		assert.Equal(t, err, again)
		return err
	}
	runes := func(start, end int) error {
		_, err := FromRunes(hand, start, end)
		_, again := x.FromRunes(start, end)
		assert.Equal(t, err, again)
		return err
	}
	for name, c := range map[string]struct {
		cut    func(start, end int) error
		length int
	}{"code units": {slice, 11}, "bytes": {bytes, 13}, "runes": {runes, 10}} {
		assert.NoError(t, c.cut(0, c.length), name)
		assert.NoError(t, c.cut(c.length, c.length), name)
		for _, r := range [][2]int{{-1, 2}, {-2, -1}, {2, 1}, {0, c.length + 1}, {c.length + 1, c.length + 1}, {-1 << 63, 1<<63 - 1}} {
			assert.ErrorIs(t, c.cut(r[0], r[1]), ErrRange, "%s %v", name, r)
		}
	}
	for _, r := range [][2]int{{4, 5}, {3, 4}, {4, 4}} {
		assert.ErrorIs(t, slice(r[0], r[1]), ErrRange, "%v", r)
	}
	for _, r := range [][2]int{{4, 7}, {3, 6}, {5, 5}} {
		assert.ErrorIs(t, bytes(r[0], r[1]), ErrRange, "%v", r)
	}
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	for _, text := range []string{"\xff", "a\xe2\x82", "\xed\xa0\x80", strings.Repeat("語", 99) + "\xc0\x80"} {
		_, err := NewIndex(text)
		assert.ErrorIs(t, err, ErrText)
		_, err = FromBytes(text, 0, 0)
		assert.ErrorIs(t, err, ErrText)
		_, err = FromRunes(text, 0, 0)
		assert.ErrorIs(t, err, ErrText)
		_, err = Slice(text, Range{})
		assert.ErrorIs(t, err, ErrText)
	}
}

func TestZeroIndexIsOfTheEmptyText(t *testing.T) {
	empty, err := NewIndex("")
	require.NoError(t, err)
	assert.Equal(t, Index{}, empty)
	at, ok := Index{}.ByteAtUnit(0)
	assert.True(t, ok)
	assert.Zero(t, at)
}

func TestIndexAllocatesOnce(t *testing.T) {
	text := strings.Repeat(hand, 100)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = NewIndex(text[:2]) }))
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = NewIndex(text) }), 1.0)
	x, err := NewIndex(text)
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = x.ByteAtUnit(500)
		_, _ = x.UnitAtByte(500)
		_, _ = x.UnitAtRune(500)
		_, _ = x.Slice(Range{100, 300})
	}))
}

func FuzzIndex(f *testing.F) {
	f.Add(hand)
	f.Add(strings.Repeat("x", 126) + "👋👋" + strings.Repeat("é", 64))
	f.Fuzz(func(t *testing.T, text string) {
		text = text[:min(len(text), 600)]
		if !utf8.ValidString(text) {
			_, err := NewIndex(text)
			require.ErrorIs(t, err, ErrText)
			return
		}
		checkIndex(t, text)
	})
}
