package graphemes_test

import (
	"fmt"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/graphemes"
)

func ExampleCuts() {
	text := "Say hi 👋🏽 now"
	ds := []decorations.Decoration{{Start: 0, End: 9, Style: decorations.Bold}} // ends between the hand and its skin tone

	fmt.Println("faults:", len(decorations.Check(text, ds)))
	for _, cut := range graphemes.Cuts(text, ds) {
		whole, _ := decorations.Slice(text, decorations.Range{Start: cut.Start, End: cut.End})
		fmt.Printf("decoration %d cuts %s: end it at %d or %d\n", cut.Index, whole, cut.Start, cut.End)
	}
	// Output:
	// faults: 0
	// decoration 0 cuts 👋🏽: end it at 7 or 11
}
