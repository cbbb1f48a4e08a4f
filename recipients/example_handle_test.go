package recipients_test

import (
	"fmt"

	"github.com/fromline/fromline/recipients"
)

// A handle is a value: equal however it was written, and a key of maps.
func ExampleHandle() {
	chats := map[recipients.Handle]string{recipients.MustParse("ann@example.com"): "the chat with Ann"}
	ann, err := recipients.Parse("Ann@Example.com")
	fmt.Println(ann.IsPhone(), chats[ann], err)
	fmt.Println("in a log:", ann.Masked())
	// Output:
	// false the chat with Ann <nil>
	// in a log: a•••@example.com
}
