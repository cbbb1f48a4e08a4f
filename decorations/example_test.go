package decorations_test

import (
	"fmt"
	"strings"

	"github.com/fromline/fromline/decorations"
)

func Example() {
	text := "Doors open at 8 🎉🎉 see you there"
	at := strings.Index(text, "see you") // in bytes, as all of Go
	r, err := decorations.FromBytes(text, at, at+len("see you"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ds := []decorations.Decoration{decorations.Bold.On(r)}
	fmt.Println(ds[0].Start, ds[0].End, ds[0].Style, decorations.Check(text, ds))
	// Output:
	// 21 28 bold []
}

func ExampleCheck() {
	ds := []decorations.Decoration{
		{Start: 0, End: 4, Style: decorations.Bold},
		{Start: 3, End: 11, Animation: decorations.Shake},
		{Start: 6, End: 20, Style: decorations.Italic},
	}
	for _, fault := range decorations.Check("Hi 👋 there", ds) {
		fmt.Println(fault)
	}
	// Output:
	// decoration 0: the range splits a surrogate pair; [0, 5) and [0, 3) would not
	// decoration 1: overlaps decoration 0, and an animation may overlap nothing
	// decoration 2: the range reaches past the end of the text, which has 11 UTF-16 code units
	// decoration 2: overlaps decoration 1, and an animation may overlap nothing
}

func ExampleLength() {
	text := "naïve 👨‍👩‍👧"
	fmt.Println(len(text), "bytes,", len([]rune(text)), "runes,", decorations.Length(text), "code units")
	// Output:
	// 25 bytes, 11 runes, 14 code units
}

func ExampleIndex() {
	index, err := decorations.NewIndex("Hi 👋 there")
	if err != nil {
		fmt.Println(err)
		return
	}
	hand, _ := index.Slice(decorations.Range{Start: 3, End: 5})
	at, ok := index.ByteAtUnit(6)
	fmt.Println(hand, at, ok)
	_, ok = index.ByteAtUnit(4) // inside the surrogate pair
	fmt.Println(ok)
	// Output:
	// 👋 8 true
	// false
}

func ExampleNormalize() {
	ds := decorations.Normalize([]decorations.Decoration{
		{Start: 5, End: 9, Style: decorations.Bold},
		{Start: 0, End: 5, Style: decorations.Bold},
		{Start: 2, End: 3, Style: decorations.Italic},
		{Start: 4, End: 6, Style: decorations.Bold},
	})
	for _, d := range ds {
		fmt.Println(d.Range(), d.Style)
	}
	// Output:
	// {0 9} bold
	// {2 3} italic
}

func ExampleParseStyle() {
	style, err := decorations.ParseStyle("strikethrough")
	fmt.Println(style == decorations.Strikethrough, err)
	_, err = decorations.ParseStyle("Bold")
	fmt.Println(err)
	// Output:
	// true <nil>
	// decorations: unknown style "Bold", want one of bold, italic, strikethrough, underline
}
