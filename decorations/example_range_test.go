package decorations_test

import (
	"fmt"

	"github.com/fromline/fromline/decorations"
)

// A range counts as clients count: the emoji is two units, and four bytes in
// Go.
func ExampleRange() {
	text := "Hi 👋 there"
	hand, err := decorations.FromRunes(text, 3, 4)
	fmt.Println(hand, err)

	seen, err := decorations.Slice(text, hand)
	fmt.Println(seen, err)
	seen, err = decorations.Slice(text, decorations.Range{Start: 6, End: decorations.Length(text)})
	fmt.Println(seen, err)
	// Output:
	// {3 5} <nil>
	// 👋 <nil>
	// there <nil>
}

// One decoration has a style or an animation.
func ExampleDecoration() {
	ds := []decorations.Decoration{
		{Start: 0, End: 2, Style: decorations.Bold},
		{Start: 6, End: 11, Animation: decorations.Shake},
	}
	fmt.Println(ds[1].Range(), ds[1].Animation, decorations.Check("Hi 👋 there", ds))
	// Output: {6 11} shake []
}
