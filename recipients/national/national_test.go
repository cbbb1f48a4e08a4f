package national_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/recipients/national"
)

func parser(t testing.TB, region string, letters bool) national.Parser {
	t.Helper()
	p, err := national.New(national.Options{Region: region, Letters: letters})
	require.NoError(t, err)
	return p
}

func TestFormats(t *testing.T) {
	for _, row := range []struct {
		region, text string
		letters      bool
		want, rule   string
		why          string
	}{
		{region: "US", text: "(415) 555-2671", want: "+14155552671", why: "as printed"},
		{region: "US", text: "415.555.2671", want: "+14155552671", why: "with dots"},
		{region: "US", text: "1 415 555 2671", want: "+14155552671", why: "with the trunk digit"},
		{region: "US", text: "+1 415 555 2671", want: "+14155552671", why: "international"},
		{region: "US", text: "011 44 20 7183 8750", want: "+442071838750", why: "dialled abroad"},
		{region: "GB", text: "020 7183 8750", want: "+442071838750", why: "with the trunk zero"},
		{region: "GB", text: "+44 (0)20 7183 8750", want: "+442071838750", why: "with both"},
		{region: "GB", text: "  020 7183 8750 ", want: "+442071838750", why: "spaces around"},
		{region: "DE", text: "00 1 415 555 2671", want: "+14155552671", why: "dialled from Germany"},
		{region: "DE", text: "089/4567812", want: "+49894567812", why: "with a slash"},
		{region: "DE", text: "+4402071838750", want: "+442071838750", why: "a trunk zero is dropped here, on request of the host"},
		{region: "AR", text: "011 15-2345-6789", want: "+5491123456789", why: "a mobile as dialled inside Argentina"},
		{region: "IT", text: "06 1234 5678", want: "+390612345678", why: "the zero belongs to the number"},
		{region: "US", text: "٤١٥٥٥٥٢٦٧١", want: "+14155552671", why: "other digits"},
		{region: "US", text: "＋１４１５５５５２６７１", want: "+14155552671", why: "full width"},
		{region: "US", text: "1-800-FLOWERS", letters: true, want: "+18003569377", why: "a vanity number, asked for"},

		{region: "US", text: "1-800-FLOWERS", rule: recipients.RulePhoneLetter, why: "a vanity number, not asked for"},
		{region: "US", text: "415555267a", letters: true, rule: recipients.RulePhoneLetter, why: "one letter would be dropped"},
		{region: "US", text: "call 415 555 2671", letters: true, rule: recipients.RulePhoneLetter, why: "words before it would be dropped"},
		{region: "US", text: "tel:+14155552671", rule: recipients.RulePhoneCharacter, why: "a URI"},
		{region: "US", text: "415 555 2671 x12", rule: recipients.RulePhoneExtension, why: "an extension"},
		{region: "US", text: "415 555 2671 ext. 12", rule: recipients.RulePhoneExtension, why: "another"},
		{region: "US", text: "415 555 2671 ext. 12", letters: true, rule: recipients.RulePhoneExtension, why: "letters or not"},
		{region: "US", text: "1-800-FLOWERSx12", letters: true, rule: recipients.RulePhoneExtension, why: "behind a vanity number"},
		{region: "US", text: "415 555 2671 #12", rule: recipients.RulePhoneExtension, why: "with a mark"},
		{region: "US", text: "415 555 2671;ext=12", rule: recipients.RulePhoneExtension, why: "in a URI"},
		{region: "US", text: "415 555 2671,,12", rule: recipients.RulePhoneExtension, why: "dialled later"},
		{region: "US", text: "415 555 2671 +1 415 555 2672", rule: recipients.RulePhoneCharacter, why: "two numbers"},
		{region: "US", text: "415 555 2671\n415 555 2672", rule: recipients.RulePhoneCharacter, why: "two lines"},
		{region: "US", text: "*67 415 555 2671", rule: recipients.RulePhoneCharacter, why: "a service code"},
		{region: "US", text: "415\xff5552671", rule: recipients.RulePhoneCharacter, why: "not UTF-8"},
		{region: "US", text: "555 2671", rule: recipients.RulePhoneShort, why: "dialled locally only"},
		{region: "US", text: "", rule: recipients.RulePhoneNational, why: "nothing"},
		{region: "US", text: "()", rule: recipients.RulePhoneNational, why: "no digits"},
		{region: "US", text: "+210 555 1234", rule: recipients.RulePhoneNational, why: "no such calling code"},
		{region: "US", text: strings.Repeat("1", 300), rule: recipients.RulePhoneNational, why: "far too long"},
	} {
		h, err := parser(t, row.region, row.letters).ParseNational(row.text)
		if row.rule == "" {
			assert.NoErrorf(t, err, "%q in %s: %s", row.text, row.region, row.why)
			assert.Equal(t, row.want, h.String(), row.why)
			continue
		}
		var e *recipients.Error
		if assert.ErrorAsf(t, err, &e, "%q in %s became %s: %s", row.text, row.region, h, row.why) {
			assert.Equal(t, row.rule, e.Rule, row.why)
			assert.ErrorIs(t, err, recipients.ErrPhone)
		}
	}
}

func TestRegions(t *testing.T) {
	for region := range phonenumbers.GetSupportedRegions() {
		_, err := national.New(national.Options{Region: region})
		require.NoError(t, err)
	}
	for _, region := range []string{"", "us", "XX", "001", "USA", "ZZ", "UK"} {
		_, err := national.New(national.Options{Region: region})
		require.Error(t, err, region)
	}
	_, err := national.Parser{}.ParseNational("+14155552671")
	require.ErrorIs(t, err, recipients.ErrPhone)
}

// numberLike draws what people write in phone number fields.
func numberLike() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		pieces := rapid.SampledFrom([]string{
			"+", "00", "011", "0", "1", "44", "49", "54", "15", "9", "020", "415", "555", "2671", "7183", "8750", " ", "-", "(", ")", ".", "/",
			"x", "ext", "#", ";", ",", "FLOWERS", "a", "٤", "＋", "\u00a0", "*", "\n", "\xff", "é", "~",
		})
		return strings.Join(rapid.SliceOfN(rapid.OneOf(pieces, rapid.StringMatching(`[0-9]{1,5}`)), 0, 8).Draw(t, "pieces"), "")
	})
}

// check holds one text to the laws: what comes out is what the library makes of
// the text, the strict parser takes it unchanged, and no digit is lost unless
// the plan says so.
func check(t require.TestingT, p national.Parser, region, s string) {
	h, err := p.ParseNational(s)
	if err != nil {
		require.ErrorIs(t, err, recipients.ErrPhone)
		var e *recipients.Error
		require.ErrorAs(t, err, &e)
		require.True(t, 0 <= e.Offset && e.Offset <= len(s))
		require.False(t, h.IsValid())
		return
	}
	strict, err := recipients.Parse(h.String())
	require.NoError(t, err)
	require.Equal(t, h, strict)
	again, err := p.ParseNational(h.String())
	require.NoError(t, err)
	require.Equal(t, h, again, "what came out goes in")
	number, err := phonenumbers.Parse(s, region)
	require.NoError(t, err)
	require.Equal(t, phonenumbers.Format(number, phonenumbers.E164), h.String())
	require.Empty(t, number.GetExtension())
	require.Equal(t, s, strings.Trim(s, "\n"))
	const subscriber = 4 // at the end of a number, which no plan rewrites
	digits := phonenumbers.NormalizeDigitsOnly(s)
	if !regexp.MustCompile(`[A-Za-z]`).MatchString(s) && len(digits) >= subscriber {
		require.True(t, strings.HasSuffix(h.String(), digits[len(digits)-subscriber:]), "%q became %s", s, h)
	}
}

func TestLaws(t *testing.T) {
	regions := slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.OneOf(rapid.SampledFrom([]string{"US", "GB", "DE", "AR", "BR", "IT"}), rapid.SampledFrom(regions)).Draw(t, "region")
		p, err := national.New(national.Options{Region: region, Letters: rapid.Bool().Draw(t, "letters")})
		require.NoError(t, err)
		check(t, p, region, numberLike().Draw(t, "text"))
	})
}

// Every example number is read in its own country, in all the ways the library
// writes it.
func TestExamplesInTheirCountry(t *testing.T) {
	read, refused := 0, 0
	for region := range phonenumbers.GetSupportedRegions() {
		p := parser(t, region, false)
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE} {
			number := phonenumbers.GetExampleNumberForTypeInRegion(region, kind)
			if number == nil {
				continue
			}
			want := phonenumbers.Format(number, phonenumbers.E164)
			for _, format := range []phonenumbers.PhoneNumberFormat{phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL, phonenumbers.E164} {
				text := phonenumbers.Format(number, format)
				h, err := p.ParseNational(text)
				if err != nil {
					refused++
					t.Logf("%s: %s: %v", region, text, err)
					continue
				}
				require.Equal(t, want, h.String(), "%s: %s", region, text)
				read++
			}
		}
	}
	t.Logf("%d read, %d refused", read, refused)
	require.Greater(t, read, 1500)
	require.Less(t, refused, 12, "only numbers that the strict rules refuse")
}

func TestUnderOptions(t *testing.T) {
	o := recipients.Options{National: parser(t, "GB", false)}
	set, err := o.Canonicalize([]string{"020 7183 8750", "+442071838750", "+15551234567", "Ann@example.com"})
	require.NoError(t, err)
	require.Equal(t, "+15551234567,+442071838750,ann@example.com", set.String())

	o.Strength = recipients.Valid
	_, err = o.Canonicalize([]string{"020 7183 8750", "+1 (555) 123-4567"})
	var e *recipients.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 1, e.Index)
	require.Equal(t, recipients.RulePhoneUnassigned, e.Rule)
}

func FuzzParseNational(f *testing.F) {
	for i, s := range []string{"(415) 555-2671", "020 7183 8750", "1-800-FLOWERS", "415 555 2671 x12", "011 15-2345-6789", "+44 (0)20 7183 8750", "٤١٥", "\xff"} {
		f.Add(s, i%2 == 0, uint8(i))
	}
	regions := slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
	f.Fuzz(func(t *testing.T, s string, letters bool, at uint8) {
		region := regions[int(at)%len(regions)]
		check(t, parser(t, region, letters), region, s)
	})
}

func ExampleParser() {
	p, err := national.New(national.Options{Region: "GB"})
	if err != nil {
		panic(err)
	}
	set, err := recipients.Options{National: p}.Canonicalize([]string{"020 7183 8750", "+1 (555) 123-4567"})
	fmt.Println(set.String(), err)
	_, err = p.ParseNational("020 7183 8750 ext. 12")
	fmt.Println(err)
	// Output:
	// +15551234567,+442071838750 <nil>
	// recipients: phone number has an extension, which no message can be sent to (phone.extension at byte 14)
}
