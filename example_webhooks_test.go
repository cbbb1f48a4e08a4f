package fromline_test

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// handOver is a Sender made of a function.
type handOver func(d delivery.Delivery)

// Send hands over one message.
func (f handOver) Send(_ context.Context, d delivery.Delivery) error {
	f(d)
	return nil
}

// With Webhooks, the host is told in the form of the hosted API when a message
// was handed over.
func ExampleOptions_webhooks() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{
		Sender: handOver(func(d delivery.Delivery) { fmt.Println("message from", d.From) }),
		Webhooks: handOver(func(d delivery.Delivery) {
			fmt.Println("webhook of", d.Tenant, d.MessageID != uuid.Nil, len(d.Content) > 0)
		}),
	})
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
	fmt.Println(router.Drain(ctx)) // a program lets Run do this
	// Output:
	// message from +14155550102
	// webhook of acme true true
	// <nil>
}
