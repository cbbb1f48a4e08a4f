package recipients_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// anyPhone draws phone handles of any length.
func anyPhone() *rapid.Generator[recipients.Handle] {
	return rapid.Custom(func(t *rapid.T) recipients.Handle {
		h, err := recipients.FromDigits(rapid.OneOf(
			rapid.Uint64Range(10, 999_999_999_999_999), rapid.Uint64Range(10_000_000_000, 19_999_999_999), rapid.Uint64Range(10, 40),
		).Draw(t, "digits"))
		require.NoError(t, err)
		return h
	})
}

// anyEmail draws email handles, some with parts in other scripts.
func anyEmail() *rapid.Generator[recipients.Handle] {
	return rapid.Custom(func(t *rapid.T) recipients.Handle {
		return recipients.MustParse(rapid.StringMatching(`[a-c+']{1,4}(\.[xü用])?@[a-cß]{1,3}\.(com|example|中国)`).Draw(t, "address"))
	})
}

func anyHandle() *rapid.Generator[recipients.Handle] { return rapid.OneOf(anyPhone(), anyEmail()) }

func TestHandleText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHandle().Draw(t, "handle")
		text := h.String()
		require.Equal(t, "to: "+text, string(h.AppendTo([]byte("to: "))))
		again, err := recipients.Options{Strength: recipients.Syntax}.Parse(text)
		require.NoError(t, err)
		require.Equal(t, h, again)
		require.True(t, h.IsValid())
		require.NotEqual(t, h.IsPhone(), h.IsEmail())
		require.Equal(t, h.IsPhone(), strings.HasPrefix(text, "+") && !strings.Contains(text, "@"))
		if h.IsPhone() {
			require.Equal(t, "+"+strconv.FormatUint(h.Digits(), 10), text)
		} else {
			require.Zero(t, h.Digits())
		}
	})
}

func TestZeroHandle(t *testing.T) {
	var h recipients.Handle
	require.False(t, h.IsValid() || h.IsPhone() || h.IsEmail())
	require.Zero(t, h.Digits())
	require.Zero(t, h.CallingCode())
	require.Zero(t, h.AreaCode())
	require.Zero(t, h.Ring())
	require.Empty(t, h.String())
	require.NotEmpty(t, h.Masked())
	require.Negative(t, h.Compare(recipients.MustParse("+15551234567")))
}

func TestFromDigits(t *testing.T) {
	for _, digits := range []uint64{0, 1, 9, 1e15, 1<<64 - 1} {
		_, err := recipients.FromDigits(digits)
		var e *recipients.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, recipients.ErrPhone)
		requireNoDigits(t, e.Error())
	}
}

// slowCompare is the order as the rules state it.
func slowCompare(a, b recipients.Handle) int {
	rank := func(h recipients.Handle) int {
		switch {
		case h.IsPhone():
			return 1
		case h.IsEmail():
			return 2
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Digits(), b.Digits()), strings.Compare(a.String(), b.String()))
}

func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.OneOf(anyHandle(), rapid.Just(recipients.Handle{}))
		a, b := h.Draw(t, "a"), h.Draw(t, "b")
		require.Equal(t, slowCompare(a, b), a.Compare(b))
		require.Equal(t, a == b, a.Compare(b) == 0)
	})
}

func TestCodes(t *testing.T) {
	assigned := phonenumbers.GetSupportedCallingCodes()
	rapid.Check(t, func(t *rapid.T) {
		h := anyHandle().Draw(t, "handle")
		text := strings.TrimPrefix(h.String(), "+")
		code, area := 0, 0
		for n := 1; n <= 3 && n <= len(text) && h.IsPhone(); n++ {
			if c, _ := strconv.Atoi(text[:n]); assigned[c] {
				code = c
			}
		}
		if code == 1 && len(text) >= 4 {
			area, _ = strconv.Atoi(text[1:4])
		}
		require.Equal(t, code, h.CallingCode(), text)
		require.Equal(t, area, h.AreaCode(), text)
	})
}

func TestEveryCallingCodeIsKnown(t *testing.T) {
	assigned := phonenumbers.GetSupportedCallingCodes()
	for first := uint64(100); first < 1000; first++ {
		for _, scale := range []uint64{1, 1e4, 1e12} {
			h, err := recipients.FromDigits(first * scale)
			require.NoError(t, err)
			code := h.CallingCode()
			require.True(t, code == 0 || assigned[code])
			for _, known := range []uint64{first / 100, first / 10, first} {
				if assigned[int(known)] {
					require.Equal(t, int(known), code)
				}
			}
		}
	}
}

// unmix is the inverse of the mix, so that the mix is a bijection.
func unmix(z uint64) uint64 {
	z = z ^ z>>31 ^ z>>62
	z *= 0x319642b2d24d8ec3 // of 0x94d049bb133111eb, modulo 2⁶⁴
	z = z ^ z>>27 ^ z>>54
	z *= 0x96de1b173f119089 // of 0xbf58476d1ce4e5b9
	return z ^ z>>30 ^ z>>60
}

func TestRingIsABijection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHandle().Draw(t, "handle")
		require.Equal(t, h.Digits(), unmix(h.Ring()))
	})
}

func TestRingsArePinned(t *testing.T) {
	for text, place := range map[string]uint64{
		"+15551234567":     0x5473545c2dec1345,
		"+442071838750":    0x1e82bb98f58d3f7d,
		"+10":              0x75c8519a9320579,
		"+999999999999999": 0xf018ab1664be2916,
	} {
		h, err := recipients.Options{Strength: recipients.Syntax}.Parse(text)
		require.NoError(t, err)
		require.Equalf(t, place, h.Ring(), "%s %#x", text, h.Ring())
	}
}

func TestMaskShowsLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHandle().Draw(t, "handle")
		masked := h.Masked()
		require.Contains(t, masked, "•••")
		before, after, _ := strings.Cut(masked, "•••")
		if h.IsEmail() {
			local, domain, _ := strings.Cut(h.String(), "@")
			require.Equal(t, string([]rune(local)[:1]), before)
			require.Equal(t, "@"+domain, after)
			return
		}
		code := h.CallingCode()
		if code == 0 {
			require.Equal(t, "+•••", masked)
			return
		}
		prefix := "+" + strconv.Itoa(code)
		require.Equal(t, prefix, before)
		national := strings.TrimPrefix(h.String(), prefix)
		require.LessOrEqual(t, len(after), 2)
		require.LessOrEqual(t, 3*len(after), len(national))
		require.True(t, strings.HasSuffix(national, after))
	})
	require.Equal(t, "+1•••76", recipients.MustParse("+14155550176").Masked())
	require.Equal(t, "a•••@example.com", recipients.MustParse("ann@example.com").Masked())
}

func TestMustParsePanics(t *testing.T) {
	require.Panics(t, func() { recipients.MustParse("nobody") })
	require.NotPanics(t, func() { recipients.MustParse("+15551234567") })
}

func TestHandlesAreMapKeys(t *testing.T) {
	a := recipients.MustParse("Bob@Example.com")
	b := recipients.MustParse(string([]byte("bob@example.com")))
	require.Len(t, slices.Compact([]recipients.Handle{a, b}), 1)
	require.Len(t, map[recipients.Handle]bool{a: true, b: true}, 1)
}

// The area code is the three digits after +1, and nothing after another code or
// where there are not so many digits.
func TestAreaCodesAreTheDigitsAfterOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`1[0-9]{1,14}|[2-9][0-9]{1,14}|1[0-9]{1,4}`).Draw(t, "digits")
		digits, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		h, err := recipients.FromDigits(digits)
		require.NoError(t, err)
		want := 0
		if text[0] == '1' && len(text) >= 4 {
			want, _ = strconv.Atoi(text[1:4])
		}
		require.Equal(t, want, h.AreaCode())
	})
}
