package fromline_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// A person writes to one of our lines; the answer goes into that chat.
func ExampleRouter_Receive() {
	ours, person := recipients.MustParse("+12055550101"), recipients.MustParse("+14155559876")
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: ours}, {Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	receipt, err := router.Receive(ctx, "acme", inbound.Event{
		Type: inbound.MessageReceived, At: time.Now(), Line: ours, Chat: "chat-815", Message: "m-1", Sender: person,
	})
	fmt.Println(receipt.Applied, err)

	d, err := router.Send(ctx, "acme", &message.Request{
		To: []string{person.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	fmt.Println(d.Line, d.Reason, err)
	// Output:
	// true <nil>
	// +12055550101 reused_active_chat <nil>
}
