package decorations_test

import (
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
		b.Run("text="+t.name+"/by=Length", func(b *testing.B) {
			b.SetBytes(int64(len(t.text)))
			b.ReportAllocs()
			for b.Loop() {
				sink = Length(t.text)
			}
		})
		b.Run("text="+t.name+"/by=ValidString+Length", func(b *testing.B) {
			b.SetBytes(int64(len(t.text)))
			b.ReportAllocs()
			for b.Loop() {
				if utf8.ValidString(t.text) {
					sink = Length(t.text)
				}
			}
		})
		b.Run("text="+t.name+"/by=utf16.Encode", func(b *testing.B) {
			b.SetBytes(int64(len(t.text)))
			b.ReportAllocs()
			for b.Loop() {
				sink = len(utf16.Encode([]rune(t.text)))
			}
		})
	}
}
