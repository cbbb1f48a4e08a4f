package recipients_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

func TestEmailVerdicts(t *testing.T) {
	for _, v := range readVerdicts(t, "testdata/emails.txt") {
		h, err := recipients.Parse(v.text)
		if v.ok {
			assert.NoErrorf(t, err, "line %d: %q: %s", v.line, v.text, v.reason)
			assert.Equalf(t, v.canonical, h.String(), "line %d: %s", v.line, v.reason)
			checkEmail(t, v.text)
			continue
		}
		var e *recipients.Error
		if !assert.ErrorAsf(t, err, &e, "line %d: %q became %s: %s", v.line, v.text, h, v.reason) {
			continue
		}
		assert.Equalf(t, verdict{rule: v.rule, offset: v.offset, suggestion: v.suggestion},
			verdict{rule: e.Rule, offset: e.Offset, suggestion: e.Suggestion}, "line %d: %q: %s", v.line, v.text, v.reason)
		checkEmail(t, v.text)
	}
}

// checkEmail holds one text with an @ to the laws.
func checkEmail(t require.TestingT, s string) {
	h, err := recipients.Parse(s)
	if err != nil {
		require.ErrorIs(t, err, recipients.ErrEmail)
		require.NotErrorIs(t, err, recipients.ErrPhone)
		var e *recipients.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Rule, "email.")
		require.True(t, 0 <= e.Offset && e.Offset <= len(s), "offset %d of %q", e.Offset, s)
		if e.Suggestion != "" {
			again, err := recipients.Parse(e.Suggestion)
			require.NoError(t, err)
			require.Equal(t, e.Suggestion, again.String())
		}
		return
	}
	canonical := h.String()
	require.True(t, h.IsEmail() && !h.IsPhone())
	require.LessOrEqual(t, len(canonical), 254)
	require.True(t, utf8.ValidString(canonical))
	again, err := recipients.Parse(canonical)
	require.NoErrorf(t, err, "the canonical form of %q", s)
	require.Equal(t, h, again, "canonical once is canonical for ever")
	local, domain, _ := strings.Cut(canonical, "@")
	require.NotContains(t, domain, "@")
	require.True(t, 0 < len(local) && len(local) <= 64)
	require.Equal(t, -1, strings.IndexFunc(domain, func(r rune) bool {
		return (r < 'a' || 'z' < r) && (r < '0' || '9' < r) && r != '-' && r != '.'
	}), "a domain in lower-case ASCII: %s", domain)
}

// emailLike draws texts near email addresses.
func emailLike() *rapid.Generator[string] {
	pieces := []string{
		"a", "B", "z", "0", "9", ".", "-", "_", "+", "'", "xn--", "--", "ü", "u\u0308", "Ü", "ß", "ẞ", "İ", "ı", "Σ", "ς", "K", "é", "\u0301",
		"א", "ب", "1", "中", "。", "．", "\u200d", "\u00ad", "😀", "@", " ", "\"", "<", ">", "(", "\\", "[", "]", "\x00", "\xff", "\u0378", "≠", "=\u0338", "\u3164",
		"bücher", "example", ".com", "Ⴀ", "ﬁ", "ａ", "K", "각", "ᄀ\u1161\u11a8", "\U0001171e",
	}
	part := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.StringN(1, 1, 4)), 1, 6).Draw(t, "pieces"), "")
	})
	return rapid.Custom(func(t *rapid.T) string {
		return part.Draw(t, "local") + "@" + part.Draw(t, "domain") + rapid.SampledFrom([]string{"", ".com", ".example", ".中国", "."}).Draw(t, "top")
	})
}

func TestEmailLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkEmail(t, emailLike().Draw(t, "address")) })
}

// Two addresses that differ in letter case or in composition are one person;
// two that differ in a dot, a tag or a letter are two.
func TestEmailIdentity(t *testing.T) {
	same := [][]string{
		{"Ann.Lee+x@Bücher.example", "ann.lee+x@bücher.example", "ANN.LEE+X@XN--BCHER-KVA.EXAMPLE", "ann.lee+x@bu\u0308cher.example"},
		{"annlee+x@bücher.example"}, {"ann.lee@bücher.example"}, {"ann.lee+y@bücher.example"},
		{"straße@example.com"}, {"strasse@example.com"}, {"straße@example.org"},
	}
	owner := map[recipients.Handle]int{}
	for person, spellings := range same {
		for _, s := range spellings {
			h := recipients.MustParse(s)
			known, seen := owner[h]
			require.True(t, !seen || known == person, "%s is two people", s)
			owner[h] = person
		}
	}
	require.Len(t, owner, len(same))
}

func TestLetterCaseDoesNotMatterInASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Za-z0-9+_.-]{1,20}@[A-Za-z0-9-]{1,10}\.[A-Za-z]{2,5}`).Draw(t, "address")
		h, err := recipients.Parse(s)
		upper, errUpper := recipients.Parse(strings.ToUpper(s))
		lower, errLower := recipients.Parse(strings.ToLower(s))
		require.Equal(t, err == nil, errUpper == nil)
		require.Equal(t, err == nil, errLower == nil)
		require.Equal(t, h, upper)
		require.Equal(t, h, lower)
	})
}

// The limits of lengths are reached, also by addresses that are not plain
// ASCII.
func TestLongestAddresses(t *testing.T) {
	domain := func(n int) string { // of that many bytes
		return strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", n-2*64)
	}
	for _, local := range []string{strings.Repeat("a", 64), strings.Repeat("é", 32)} {
		h, err := recipients.Parse(local + "@" + domain(254-65))
		require.NoError(t, err)
		require.Len(t, h.String(), 254)
		require.Equal(t, recipients.RuleEmailLong, ruleOf(t, local+"@"+domain(255-65)))
	}
	tail := "@example.com"
	require.Equal(t, recipients.RuleEmailLocalLong, ruleOf(t, strings.Repeat("a", 4096-len(tail))+tail))
	require.Equal(t, recipients.RuleEmailLong, ruleOf(t, strings.Repeat("a", 4097-len(tail))+tail), "too long to be looked at")
}

func ruleOf(t *testing.T, text string) string {
	_, err := recipients.Parse(text)
	var e *recipients.Error
	require.ErrorAs(t, err, &e)
	return e.Rule
}
