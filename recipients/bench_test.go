package recipients_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/fromline/fromline/recipients"
)

// The baseline of every benchmark here is what a caller would do with the
// number library: parse, ask whether it is possible, and format, per handle;
// for sets also sort, drop repetitions and hash.

// handles are numbers of thirty-one countries and lengths, in no order.
var handles = []string{
	"+12015550123", "+447400123456", "+4915123456789", "+33612345678", "+393123456789", "+34612345678", "+351912345678",
	"+41781234567", "+43664123456", "+31612345678", "+32450001234", "+4534412345", "+46701234567", "+4740612345",
	"+358412345678", "+48512345678", "+420601123456", "+36201234567", "+40712034567", "+306912345678", "+905012345678",
	"+972502345678", "+27711234567", "+2348021234567", "+254712123456", "+918123456789", "+8613123456789", "+819012345678",
	"+61412345678", "+5511961234567", "+5491123456789",
}

var (
	handleSink recipients.Handle
	keySink    recipients.Key
	sumSink    [32]byte
	boolSink   bool
)

func parseByLibrary(s string) (string, bool) {
	number, err := phonenumbers.Parse(s, "ZZ")
	if err != nil || phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	return e164, e164 == s
}

func BenchmarkParse(b *testing.B) {
	for _, s := range handles { // the library compiles its expressions when first asked
		number, err := phonenumbers.Parse(s, "ZZ")
		if err != nil || !phonenumbers.IsValidNumber(number) {
			b.Fatal(s)
		}
	}
	for _, strength := range []struct {
		name string
		recipients.Options
	}{
		{"strength=possible/by=fromline", recipients.Options{}},
		{"strength=valid/by=fromline", recipients.Options{Strength: recipients.Valid}},
		{"strength=syntax/by=fromline", recipients.Options{Strength: recipients.Syntax}},
	} {
		b.Run(strength.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h, err := strength.Parse(handles[i%len(handles)])
				if err != nil {
					b.Fatal(err)
				}
				handleSink = h
			}
		})
	}
	b.Run("strength=possible/by=library", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			_, boolSink = parseByLibrary(handles[i%len(handles)])
		}
	})
	b.Run("strength=valid/by=library", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			number, err := phonenumbers.Parse(handles[i%len(handles)], "ZZ")
			if err != nil {
				b.Fatal(err)
			}
			boolSink = phonenumbers.IsPossibleNumberWithReason(number) == phonenumbers.IS_POSSIBLE && phonenumbers.IsValidNumber(number) &&
				phonenumbers.Format(number, phonenumbers.E164) == handles[i%len(handles)]
		}
	})
}

func BenchmarkCanonicalizeAndKey(b *testing.B) {
	for _, n := range []int{1, 2, 31} {
		to := handles[:n]
		b.Run(fmt.Sprintf("recipients=%d/by=fromline", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				set, err := recipients.Canonicalize(to)
				if err != nil {
					b.Fatal(err)
				}
				keySink = set.Key()
			}
		})
		b.Run(fmt.Sprintf("recipients=%d/by=library", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				canonical := make([]string, 0, len(to))
				for _, s := range to {
					e164, ok := parseByLibrary(s)
					if !ok {
						b.Fatal(s)
					}
					canonical = append(canonical, e164)
				}
				slices.Sort(canonical)
				sumSink = sha256.Sum256([]byte(strings.Join(slices.Compact(canonical), "\n")))
			}
		})
	}
}

func BenchmarkParseEmail(b *testing.B) {
	for _, s := range []string{"ann.example@mail.example.com", "Ann.Example@Mail.Example.COM", "jürgen@bücher.example"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h, err := recipients.Parse(s)
				if err != nil {
					b.Fatal(err)
				}
				handleSink = h
			}
		})
	}
}

// BenchmarkPlace asks where numbers of thirty-one countries are, and, as the
// most expensive ones, numbers whose country takes a search.
func BenchmarkPlace(b *testing.B) {
	for _, row := range []struct {
		name string
		of   []string
	}{
		{"numbers=mixed", handles},
		{"numbers=shared", []string{"+12015550123", "+14165550123", "+447797712345", "+77011234567", "+390669812345", "+590590271234"}},
	} {
		parsed := make([]recipients.Handle, len(row.of))
		for i, s := range row.of {
			parsed[i] = recipients.MustParse(s)
		}
		b.Run(row.name+"/of=country", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				boolSink = parsed[i%len(parsed)].Country() == 0
			}
		})
		b.Run(row.name+"/of=place", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				boolSink = parsed[i%len(parsed)].Place() == 0
			}
		})
		b.Run(row.name+"/of=country/by=library", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				number, err := phonenumbers.Parse(row.of[i%len(row.of)], "ZZ")
				if err != nil {
					b.Fatal(err)
				}
				boolSink = phonenumbers.GetRegionCodeForNumber(number) == ""
			}
		})
	}
}

func BenchmarkCallingCode(b *testing.B) {
	parsed := make([]recipients.Handle, len(handles))
	for i, s := range handles {
		parsed[i] = recipients.MustParse(s)
	}
	for i := 0; b.Loop(); i++ {
		boolSink = parsed[i%len(parsed)].CallingCode() == 44
	}
}
