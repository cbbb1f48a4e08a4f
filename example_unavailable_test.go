package fromline_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Where the store cannot be asked, the error says whether the same send may be
// tried again.
func ExampleUnavailableError() {
	ctx := context.Background()
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12025550161")}}); err != nil {
		fmt.Println(err)
		return
	}
	chats := memory.New(memory.Options{})
	router, err := fromline.New(chats, lines, fromline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := chats.Close(); err != nil {
		fmt.Println(err)
		return
	}
	content := &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}}
	_, err = router.Send(ctx, "acme", &message.Request{To: []string{"+12025550143"}, Message: content})
	if away, is := errors.AsType[*fromline.UnavailableError](err); is {
		fmt.Println("may have been decided:", away.Unknown)
		fmt.Println("may be tried again:", away.Retry)
	}
	// Output:
	// may have been decided: false
	// may be tried again: true
}
