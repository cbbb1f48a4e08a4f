package recipients_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

func strengthOf(v verdict) recipients.Strength {
	switch v.strengthOverride {
	case "valid":
		return recipients.Valid
	case "syntax":
		return recipients.Syntax
	}
	return recipients.Possible
}

func TestPhoneVerdicts(t *testing.T) {
	for _, v := range readVerdicts(t, "testdata/phones.txt") {
		h, err := recipients.Options{Strength: strengthOf(v)}.Parse(v.text)
		if v.ok {
			assert.NoErrorf(t, err, "line %d: %q: %s", v.line, v.text, v.reason)
			assert.Equalf(t, v.canonical, h.String(), "line %d: %s", v.line, v.reason)
			continue
		}
		var e *recipients.Error
		if !assert.ErrorAsf(t, err, &e, "line %d: %q: %s", v.line, v.text, v.reason) {
			continue
		}
		assert.ErrorIs(t, err, recipients.ErrPhone)
		assert.False(t, h.IsValid())
		assert.Equalf(t, verdict{rule: v.rule, offset: v.offset, suggestion: v.suggestion},
			verdict{rule: e.Rule, offset: e.Offset, suggestion: e.Suggestion}, "line %d: %q: %s", v.line, v.text, v.reason)
	}
}

// phoneLike draws texts near phone numbers: right ones, and ones with a few
// changes that people make.
func phoneLike() *rapid.Generator[string] {
	codes := []string{"1", "7", "44", "49", "39", "54", "55", "36", "81", "352", "378", "598", "800", "210", "0", ""}
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.SampledFrom([]string{"+", "+", "+", "00", "", "tel:+", " +", "＋"}).Draw(t, "lead") +
			rapid.SampledFrom(codes).Draw(t, "code") + rapid.StringMatching(`[0-9]{0,13}`).Draw(t, "national")
		if rapid.IntRange(0, 3).Draw(t, "mangled") > 0 {
			return s
		}
		at := rapid.IntRange(0, len(s)).Draw(t, "at")
		for at < len(s) && s[at]&0xC0 == 0x80 {
			at++
		}
		odd := rapid.SampledFrom([]string{" ", "-", "(0)", "x1", ";ext=2", "a", "٣", "\x00", "\xff", "+", "\u00a0"}).Draw(t, "odd")
		return s[:at] + odd + s[at:]
	})
}

func anyStrength() *rapid.Generator[recipients.Strength] {
	return rapid.SampledFrom([]recipients.Strength{recipients.Possible, recipients.Valid, recipients.Syntax})
}

// What is accepted is accepted unchanged; what is stronger is also weaker; what
// is refused says where, and suggests only what the same call accepts.
func checkPhone(t require.TestingT, s string, strength recipients.Strength) {
	h, err := recipients.Options{Strength: strength}.Parse(s)
	if err == nil {
		require.Equal(t, s, h.String(), "an accepted number is its own canonical form")
		require.True(t, h.IsPhone())
		again, err := recipients.FromDigits(h.Digits())
		require.NoError(t, err)
		require.Equal(t, h, again)
		for _, weaker := range map[recipients.Strength][]recipients.Strength{
			recipients.Valid: {recipients.Possible, recipients.Syntax}, recipients.Possible: {recipients.Syntax},
		}[strength] {
			require.True(t, accepts(s, weaker), "%s is %d but not %d", s, strength, weaker)
		}
		if strength != recipients.Syntax {
			require.NotZero(t, h.CallingCode())
		}
		return
	}
	require.ErrorIs(t, err, recipients.ErrPhone)
	require.NotErrorIs(t, err, recipients.ErrEmail)
	var e *recipients.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Rule, "phone.")
	require.True(t, 0 <= e.Offset && e.Offset <= len(s), "offset %d of %q", e.Offset, s)
	if e.Suggestion != "" {
		require.NotEqual(t, s, e.Suggestion)
		require.True(t, accepts(e.Suggestion, strength), "suggested %s", e.Suggestion)
		require.True(t, strings.HasSuffix(e.Hint(), e.Suggestion))
	}
	requireNoDigits(t, e.Error())
}

// requireNoDigits checks that a text for logs holds no run of digits that could
// be more of a number than its calling code and two more.
func requireNoDigits(t require.TestingT, text string) {
	text = regexp.MustCompile(`U\+[0-9A-F]{4,6}|at byte [0-9]+`).ReplaceAllString(text, "") // names of characters, places
	require.False(t, regexp.MustCompile(`[0-9]{4}`).MatchString(text), "shows too much: %s", text)
}

func TestPhoneLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkPhone(t, phoneLike().Draw(t, "text"), anyStrength().Draw(t, "strength"))
	})
}

func TestSyntaxIsTheExpressionOfTheRules(t *testing.T) {
	rule := regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(phoneLike(), rapid.StringMatching(`\+?[0-9]{0,17}`)).Draw(t, "text")
		if strings.HasSuffix(s, "\n") {
			return
		}
		require.Equal(t, rule.MatchString(s), accepts(s, recipients.Syntax))
	})
}

func TestUnknownStrengthIsAnError(t *testing.T) {
	for _, s := range []string{"+15551234567", "a@example.com", ""} {
		_, err := recipients.Options{Strength: 3}.Parse(s)
		require.ErrorIs(t, err, recipients.ErrInvalid)
		require.False(t, errors.Is(err, recipients.ErrPhone) || errors.Is(err, recipients.ErrEmail))
		_, err = recipients.Options{Strength: 3}.Canonicalize([]string{s, s})
		require.ErrorIs(t, err, recipients.ErrInvalid)
	}
}
