package delivery_test

import (
	"context"
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// network is where a backend would call its provider.
type network struct{}

// Send hands over one message.
func (network) Send(_ context.Context, d delivery.Delivery) error {
	fmt.Printf("from %s to %s: %s\n", d.From, d.To.String(), d.Content)
	return nil
}

// A process that decides nothing hands over what others decided. Where the same
// process decides, set Options.Sender of the Router: it has a Dispatcher
// inside.
func ExampleDispatcher() {
	chats := memory.New(memory.Options{})
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(chats, lines, fromline.Options{Deliver: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if _, err := router.Send(ctx, "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	}); err != nil {
		fmt.Println(err)
		return
	}

	d, err := delivery.New(chats, network{}, delivery.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// A server calls Run in a goroutine of its own; Drain returns when nothing
	// is due.
	fmt.Println(d.Drain(ctx))
	// Output:
	// from +14155550102 to +14155559876: {"parts":[{"type":"text","value":"Hello"}]}
	// <nil>
}
