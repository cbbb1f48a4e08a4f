package markdown_test

import (
	"fmt"

	"github.com/fromline/fromline/decorations"
	"github.com/fromline/fromline/decorations/markdown"
)

func Example() {
	text, err := markdown.Parse("Your table is **ready** 🎉\n\n- [directions](https://example.com/map)\n- bring ~~cash~~ a card")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(text.Value)
	for _, d := range text.Decorations {
		part, _ := decorations.Slice(text.Value, d.Range())
		fmt.Printf("%q [%d, %d) is %v\n", part, d.Start, d.End, d.Style)
	}
	// Output:
	// Your table is ready 🎉
	//
	// • directions (https://example.com/map)
	// • bring cash a card
	// "ready" [14, 19) is bold
	// "cash" [71, 75) is strikethrough
}

func ExampleOptions() {
	o := markdown.Options{Underline: markdown.DoubleUnderscore}
	text, err := o.Parse("__important__ and **urgent**")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range text.Decorations {
		fmt.Println(d.Range(), d.Style)
	}
	// Output:
	// {0 9} underline
	// {14 20} bold
}

func ExampleFormat() {
	source, err := markdown.Format(markdown.Text{
		Value:       "5 * 3 is fifteen",
		Decorations: []decorations.Decoration{{Start: 9, End: 16, Style: decorations.Bold}},
	})
	fmt.Println(source, err)

	_, err = markdown.Format(markdown.Text{
		Value:       "Look!",
		Decorations: []decorations.Decoration{{Start: 0, End: 5, Animation: decorations.Shake}},
	})
	fmt.Println(err)
	// Output:
	// 5 \* 3 is **fifteen** <nil>
	// markdown: no Markdown stands for the text: shake is not Markdown
}
