package decorations_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	. "github.com/fromline/fromline/decorations"
)

// Texts of 10 kB each, and what they stand for.
var benchmarkTexts = []struct{ name, text string }{
	{"ascii", repeatTo("The quick brown fox jumps over the lazy dog, twice. ", 10_000)},
	{"emoji", repeatTo("On my way 🚗💨 see you soon 😀👍🏽 ", 10_000)}, // every third character beyond U+FFFF
	{"cjk", repeatTo("敏捷的棕色狐狸跳过了懒狗。", 10_000)},
}

// repeatTo repeats s up to about n bytes.
func repeatTo(s string, n int) string { return strings.Repeat(s, n/len(s)) }

var sink int

func BenchmarkLength(b *testing.B) {
	for _, t := range benchmarkTexts {
		for _, by := range []struct {
			name  string
			count func(string) int
		}{
			{"Length", Length},
			{"ValidString+Length", func(text string) int {
				if !utf8.ValidString(text) {
					return -1
				}
				return Length(text)
			}},
			{"utf16.Encode", func(text string) int { return len(utf16.Encode([]rune(text))) }},
		} {
			b.Run("text="+t.name+"/by="+by.name, func(b *testing.B) {
				b.SetBytes(int64(len(t.text)))
				b.ReportAllocs()
				for b.Loop() {
					sink = by.count(t.text)
				}
			})
		}
	}
}

// quadraticCheck is the plain way to find out whether all is well: turn the
// text into UTF-16 and compare each decoration with all before it.
func quadraticCheck(text string, ds []Decoration) []Fault {
	if !utf8.ValidString(text) {
		return []Fault{{Kind: InvalidText}}
	}
	units := utf16.Encode([]rune(text))
	var faults []Fault
	for i, d := range ds {
		if d.Start < 0 || d.Start >= d.End || d.End > len(units) || splits(units, d.Start) || splits(units, d.End) {
			faults = append(faults, Fault{Kind: SplitPair, Index: i})
		}
		for j, other := range ds[:i] {
			if (d.Animation != 0 || other.Animation != 0) && d.Start < other.End && other.Start < d.End {
				faults = append(faults, Fault{Kind: Overlap, Index: i, Other: j})
			}
		}
	}
	return faults
}

// BenchmarkCheck checks decorations that are all well, in no order, on texts of
// 10,000 characters: 100 of them, the most that are allowed, and ten times
// that, which is a fault and shows how the work grows.
func BenchmarkCheck(b *testing.B) {
	for _, t := range []struct{ name, text string }{
		{"ascii", strings.Repeat("The quick ", 1000)},
		{"emoji", strings.Repeat("On my 🚗💨👍🏽", 1000)},
	} {
		for _, k := range []int{100, 1000} {
			ds := make([]Decoration, k)
			for i := range ds {
				at := (i * 7919 % k) * (10_000 / k) // not in order
				if at%10 > 5 {
					at -= 4 // not inside a pair
				}
				ds[i] = Shake.On(Range{at, at + 4})
			}
			for _, by := range []struct {
				name  string
				check func(string, []Decoration) []Fault
			}{{"Check", Check}, {"quadratic", quadraticCheck}} {
				b.Run("text="+t.name+"/k="+strconv.Itoa(k)+"/by="+by.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						sink = len(by.check(t.text, ds))
					}
					if k <= MaxDecorations && sink != 0 {
						b.Fatal("the decorations are not well")
					}
				})
			}
		}
	}
}

// BenchmarkIndex finds the byte of a code unit in the middle of 10 kB, against
// walking there.
func BenchmarkIndex(b *testing.B) {
	walk := func(text string, unit int) int {
		for i, r := range text {
			if unit <= 0 {
				return i
			}
			unit -= utf16.RuneLen(r)
		}
		return len(text)
	}
	for _, t := range benchmarkTexts {
		x, err := NewIndex(t.text)
		if err != nil {
			b.Fatal(err)
		}
		at := x.Units() / 2
		b.Run("text="+t.name+"/by=Index", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink, _ = x.ByteAtUnit(at)
			}
		})
		b.Run("text="+t.name+"/by=walking", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = walk(t.text, at)
			}
		})
		b.Run("text="+t.name+"/by=NewIndex", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x, _ := NewIndex(t.text)
				sink = x.Units()
			}
		})
	}
}
