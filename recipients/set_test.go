package recipients_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// anySpelling draws a text that Canonicalize accepts.
func anySpelling() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`\+1[2-9][0-9]{9}`), rapid.SampledFrom(handles),
		rapid.StringMatching(`[aAbB]{1,2}(\.[xüÜ])?@[aAb]{1,2}ü?\.(com|COM)`),
	)
}

// slowSet is the set as the rules state it: distinct, phones before emails,
// phones by number, emails by bytes.
func slowSet(handles []recipients.Handle) []recipients.Handle {
	distinct := map[recipients.Handle]bool{}
	for _, h := range handles {
		distinct[h] = true
	}
	return slices.SortedFunc(maps.Keys(distinct), slowCompare)
}

func TestSetIsWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.SliceOfN(anySpelling(), 0, 40).Draw(t, "to")
		var parsed []recipients.Handle
		for _, s := range to {
			parsed = append(parsed, recipients.MustParse(s))
		}
		want := slowSet(parsed)
		set, err := recipients.Canonicalize(to)
		fromHandles, errHandles := recipients.NewSet(parsed...)
		switch {
		case len(want) == 0:
			require.ErrorIs(t, err, recipients.ErrEmpty)
			require.ErrorIs(t, errHandles, recipients.ErrEmpty)
			return
		case len(want) > recipients.MaxRecipients:
			require.ErrorIs(t, err, recipients.ErrTooMany)
			require.ErrorIs(t, errHandles, recipients.ErrTooMany)
			return
		}
		require.NoError(t, err)
		require.NoError(t, errHandles)
		require.True(t, set.Equal(fromHandles))
		require.Equal(t, set.Key(), fromHandles.Key())
		require.Equal(t, len(want), set.Len())
		require.Equal(t, len(want) > 1, set.IsGroup())
		require.True(t, set.IsValid())
		n := 0
		for i, h := range set.All() {
			require.Equal(t, n, i)
			require.Equal(t, want[i], h)
			require.Equal(t, h, set.At(i))
			require.True(t, set.Contains(h))
			n++
		}
		require.Equal(t, len(want), n)
		stranger := anyHandle().Draw(t, "stranger")
		require.Equal(t, slices.Contains(want, stranger), set.Contains(stranger))
		require.False(t, set.Contains(recipients.Handle{}))
	})
}

func TestOrderRepetitionAndSpellingDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.SliceOfN(anySpelling(), 1, 31).Draw(t, "to")
		set, err := recipients.Canonicalize(to)
		require.NoError(t, err)
		respelled := append(slices.Clone(to), rapid.SliceOf(rapid.SampledFrom(to)).Draw(t, "repeated")...)
		respelled = rapid.Permutation(respelled).Draw(t, "permuted")
		for i, s := range respelled {
			if rapid.Bool().Draw(t, "capitals") {
				respelled[i] = strings.ToUpper(s)
			}
		}
		other, err := recipients.Canonicalize(respelled)
		require.NoError(t, err)
		require.True(t, set.Equal(other))
		require.Equal(t, set.Key(), other.Key())
		require.Equal(t, set.String(), other.String())
	})
}

func TestTwiceTheSamePersonIsADirectChat(t *testing.T) {
	set, err := recipients.Canonicalize([]string{"Ann@example.com", "ann@EXAMPLE.com"})
	require.NoError(t, err)
	require.False(t, set.IsGroup())
	require.Equal(t, "ann@example.com", set.String())
}

func TestLimits(t *testing.T) {
	numbers := make([]string, 40)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+1555123%04d", i)
	}
	for _, row := range []struct {
		limit, given int
		want         error
	}{
		{0, 1, nil}, {0, 31, nil}, {0, 32, recipients.ErrTooMany}, {0, 40, recipients.ErrTooMany}, {0, 0, recipients.ErrEmpty},
		{2, 2, nil}, {2, 3, recipients.ErrTooMany}, {31, 31, nil}, {1, 1, nil}, {1, 2, recipients.ErrTooMany},
		{32, 1, recipients.ErrInvalid}, {-1, 1, recipients.ErrInvalid},
	} {
		to := slices.Repeat(numbers[:row.given], 3)
		set, err := recipients.Options{Limit: row.limit}.Canonicalize(to)
		if row.want != nil {
			require.ErrorIs(t, err, row.want, "%+v", row)
			require.False(t, set.IsValid())
			continue
		}
		require.NoError(t, err, "%+v", row)
		require.Equal(t, row.given, set.Len())
	}
}

// The first text that cannot be read is reported, wherever it stands and
// however many there are.
func TestFirstFaultIsReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.SliceOfN(anySpelling(), 0, 70).Draw(t, "to")
		at := rapid.IntRange(0, len(to)).Draw(t, "at")
		bad := rapid.SampledFrom([]string{"", "+4402071838750", "ann@", "nobody"}).Draw(t, "bad")
		set, err := recipients.Canonicalize(slices.Insert(to, at, bad))
		var e *recipients.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, at, e.Index)
		_, alone := recipients.Parse(bad)
		want := *alone.(*recipients.Error)
		want.Index = at
		require.Equal(t, want, *e)
		require.False(t, set.IsValid())
	})
}

func TestSetKeepsNothingOfWhatWasGiven(t *testing.T) {
	handles := []recipients.Handle{recipients.MustParse("+15551234567"), recipients.MustParse("ann@example.com")}
	set, err := recipients.NewSet(handles...)
	require.NoError(t, err)
	before := set.String()
	handles[0], handles[1] = recipients.MustParse("bob@example.com"), recipients.Handle{}
	require.Equal(t, before, set.String())

	buffer := []byte("Ann@example.com +15551234567")
	set, err = recipients.Canonicalize([]string{string(buffer[:15]), string(buffer[16:])})
	require.NoError(t, err)
	require.Equal(t, before, set.String())
}

func TestZeroSetAndZeroMember(t *testing.T) {
	var zero recipients.Set
	require.False(t, zero.IsValid() || zero.IsGroup())
	require.Zero(t, zero.Len())
	require.Equal(t, recipients.Key{}, zero.Key())
	require.True(t, zero.Equal(recipients.Set{}))
	require.Empty(t, zero.String())
	require.Panics(t, func() { zero.At(0) })
	_, err := recipients.NewSet(recipients.MustParse("+15551234567"), recipients.Handle{})
	require.ErrorIs(t, err, recipients.ErrInvalid)
}

func TestMembersAscend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, err := recipients.NewSet(rapid.SliceOfN(anyHandle(), 1, 31).Draw(t, "handles")...)
		require.NoError(t, err)
		for i := 1; i < set.Len(); i++ {
			require.Negative(t, slowCompare(set.At(i-1), set.At(i)))
		}
	})
}

// There is room for MaxRecipients of one kind, and not for one more.
func TestSetsOfOneKindHaveAnEnd(t *testing.T) {
	for _, format := range []string{"+1202555%04d", "somebody%d@example.com"} {
		var people []recipients.Handle
		for i := range recipients.MaxRecipients + 1 {
			people = append(people, recipients.MustParse(fmt.Sprintf(format, 100+i)))
		}
		set, err := recipients.NewSet(people[1:]...)
		require.NoError(t, err)
		require.Equal(t, recipients.MaxRecipients, set.Len())
		_, err = recipients.NewSet(people...)
		require.ErrorIs(t, err, recipients.ErrTooMany)
		_, err = recipients.NewSet(append(people[1:], people[1:]...)...)
		require.NoError(t, err, "repetitions do not count")
	}
}
