package fromline_test

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

// provider stands for a network that takes messages.
type provider struct{ taken chan delivery.Delivery }

// Send hands over one message.
func (p provider) Send(ctx context.Context, d delivery.Delivery) error {
	select {
	case p.taken <- d:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// With a Sender, Run hands the decided messages over until its context ends.
func ExampleOptions() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	network := provider{make(chan delivery.Delivery)}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Sender: network})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- router.Run(ctx) }()

	d, err := router.Send(ctx, "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	if err != nil {
		fmt.Println(err)
	}
	taken := <-network.taken
	fmt.Println(taken.From, taken.MessageID == d.MessageID, string(taken.Content))
	stop()
	fmt.Println(<-ended)
	// Output:
	// +14155550102 true {"parts":[{"type":"text","value":"Hello"}]}
	// <nil>
}
