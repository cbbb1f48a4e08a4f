package cookbook

import (
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/decorations/markdown"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/recipients/national"
	"github.com/fromline/fromline/store/memory"
)

// Numbers as people write them are read in the country that they are written in, once,
// where they come in.
func Example_nationalNumbers() {
	parser, err := national.New(national.Options{Region: "US"})
	must(err)
	people, err := recipients.Options{National: parser}.Canonicalize([]string{"(415) 555-9876", "ann@example.com"})
	fmt.Println(people.String(), err)
	// Output: +14155559876,ann@example.com <nil>
}

// Markdown becomes a text part with decorations.
func Example_markdown() {
	part, err := markdown.Part("Your table is **ready**")
	must(err)
	router, err := fromline.New(memory.New(memory.Options{}), ourLines(), fromline.Options{})
	must(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{part}},
	})
	fmt.Println(d.Reason, err)
	// Output: new_best_number <nil>
}
