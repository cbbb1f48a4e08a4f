package recipients_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
)

// Every rule has a line in a table that breaks it, and words of its own, also
// for the sender: a hint that many rules share would not say what is wrong.
func TestEveryRuleIsBroken(t *testing.T) {
	words, hints := map[string]string{}, map[string]string{}
	for _, path := range []string{"testdata/phones.txt", "testdata/emails.txt"} {
		for _, v := range readVerdicts(t, path) {
			_, err := recipients.Options{Strength: strengthOf(v)}.Parse(v.text)
			if e := (*recipients.Error)(nil); errors.As(err, &e) {
				require.NotEmpty(t, e.Hint())
				require.NotEmpty(t, e.Error())
				words[e.Rule] = e.Hint() + e.Error()
				hint := e.Rule[:len("phone")] + strings.TrimSuffix(e.Hint(), ": "+e.Suggestion)
				if rule, is := hints[hint]; is {
					require.Equal(t, rule, e.Rule, hint)
				}
				hints[hint] = e.Rule
			}
		}
	}
	require.ElementsMatch(t, []string{
		recipients.RulePhoneEmpty, recipients.RulePhonePlus, recipients.RulePhoneExtension, recipients.RulePhoneLetter,
		recipients.RulePhoneInvisible, recipients.RulePhonePrefix, recipients.RulePhoneSpace, recipients.RulePhonePunctuation, recipients.RulePhoneDigit, recipients.RulePhoneCharacter,
		recipients.RulePhoneZero, recipients.RulePhoneCode, recipients.RulePhoneTrunk, recipients.RulePhoneShort,
		recipients.RulePhoneLong, recipients.RulePhoneLength, recipients.RulePhoneCanonical, recipients.RulePhoneUnassigned,
		recipients.RuleEmailAt, recipients.RuleEmailUTF8, recipients.RuleEmailEmpty, recipients.RuleEmailForm,
		recipients.RuleEmailLiteral, recipients.RuleEmailSpace, recipients.RuleEmailInvisible, recipients.RuleEmailCharacter,
		recipients.RuleEmailUnassigned, recipients.RuleEmailMarks, recipients.RuleEmailDot, recipients.RuleEmailLocalLong,
		recipients.RuleEmailLong, recipients.RuleEmailLabel, recipients.RuleEmailDomain, recipients.RuleEmailIDNA,
	}, slices.Collect(maps.Keys(words)), "RulePhoneNational is for national parsers, all others for the tables")
	require.Len(t, slices.Compact(slices.Sorted(maps.Values(words))), len(words))
}

// A parserFunc is a national parser for tests.
type parserFunc func(s string) (recipients.Handle, error)

func (f parserFunc) ParseNational(s string) (recipients.Handle, error) { return f(s) }

func TestNationalParser(t *testing.T) {
	london, email := recipients.MustParse("+442071838750"), recipients.MustParse("ann@example.com")
	trunk, err := recipients.FromDigits(4402071838750)
	require.NoError(t, err)
	shared := recipients.RefusePhone(recipients.RulePhoneLetter, "abc", 1)
	foreign := errors.New("no such region")
	asked := 0
	o := recipients.Options{National: parserFunc(func(s string) (recipients.Handle, error) {
		asked++
		switch s {
		case "london":
			return london, nil
		case "email":
			return email, nil
		case "trunk":
			return trunk, nil
		case "shared":
			return recipients.Handle{}, shared
		case "foreign":
			return recipients.Handle{}, foreign
		}
		return recipients.Handle{}, nil
	})}

	h, err := o.Parse("london")
	require.NoError(t, err)
	require.Equal(t, london, h)
	for s, rule := range map[string]string{
		"email": recipients.RulePhoneNational, "nothing": recipients.RulePhoneNational, "foreign": recipients.RulePhoneNational,
		"shared": recipients.RulePhoneLetter, "trunk": recipients.RulePhoneTrunk,
	} {
		h, err := o.Parse(s)
		require.ErrorIs(t, err, recipients.ErrPhone, s)
		require.False(t, h.IsValid())
		var e *recipients.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, rule, e.Rule, s)
		require.True(t, 0 <= e.Offset && e.Offset <= len(s))
		require.Equal(t, s == "foreign", errors.Is(err, foreign))
		require.NotEmpty(t, e.Hint())
		require.NotEmpty(t, e.Error())
	}

	// An error may be shared between callers: its place in a list is noted in a
	// copy.
	_, err = o.Canonicalize([]string{"london", "london", "shared"})
	var placed *recipients.Error
	require.ErrorAs(t, err, &placed)
	require.Equal(t, 2, placed.Index)
	require.Zero(t, shared.Index)

	// What is strictly a handle by itself is not asked about.
	asked = 0
	set, err := o.Canonicalize([]string{"+442071838750", "Ann@example.com", "london"})
	require.NoError(t, err)
	require.Equal(t, "+442071838750,ann@example.com", set.String())
	require.Equal(t, 1, asked)

	// The strength holds for what the parser returns as well.
	o.Strength = recipients.Syntax
	h, err = o.Parse("trunk")
	require.NoError(t, err)
	require.Equal(t, trunk, h)
}

func TestRefusePhoneNamesTheCharacter(t *testing.T) {
	for _, offset := range []int{-1, 0, 2, 3, 99} {
		e := recipients.RefusePhone(recipients.RulePhoneCharacter, "1*2", offset)
		require.ErrorIs(t, e, recipients.ErrPhone)
		require.Equal(t, offset, e.Offset)
		require.NotEmpty(t, e.Error())
	}
	require.Contains(t, recipients.RefusePhone(recipients.RulePhoneCharacter, "1*2", 1).Error(), "U+002A")
}
