package cookbook_test

import (
	"fmt"
	"log"

	"github.com/fromline/fromline/decorations/markdown"
	"github.com/fromline/fromline/message"
)

// MarkdownTo is a request whose one part is a text with the styles of Markdown.
func MarkdownTo(source string, to ...string) (*message.Request, error) {
	part, err := markdown.Part(source)
	if err != nil {
		return nil, err
	}
	return &message.Request{To: to, Message: &message.Content{Parts: []message.Part{part}}}, nil
}

// Markdown becomes a text part with decorations. Give the request to
// Router.Send.
func Example_markdown() {
	request, err := MarkdownTo("Your table is **ready**", "+14155559876")
	if err != nil {
		log.Fatal(err)
	}
	sent, err := message.EncodeContent(request.Message)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(sent)) // as a Sender gets it
	// Output: {"parts":[{"type":"text","value":"Your table is ready","text_decorations":[{"range":[14,19],"style":"bold"}]}]}
}
