package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// NamingNetwork is a network that gives chats and messages ids of its own.
type NamingNetwork struct{}

// Send implements delivery.Sender. It reports the ids that the network gave.
func (NamingNetwork) Send(_ context.Context, d delivery.Delivery) error {
	if d.Network != nil {
		d.Network.Chat, d.Network.Message = "chat0815", "SM4711"
	}
	return nil
}

// The Sender says which ids the provider gave. What the provider tells later
// names those, and is about our message and our chat.
func Example_idsOfProviders() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}))
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Sender: NamingNetwork{}})
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)
	check(router.Drain(ctx)) // a program lets Run do this

	_, err = router.Receive(ctx, "acme", inbound.Event{Type: inbound.MessageDelivered, At: time.Now(), Chat: "chat0815", Message: "SM4711"})
	check(err)
	known, err := router.ReadBack(ctx, "acme", d.MessageID)
	check(err)
	fmt.Println(known.Status())

	receipt, err := router.Receive(ctx, "acme", inbound.Event{
		Type: inbound.MessageReceived, At: time.Now(), Chat: "chat0815", Message: "SM4712",
		Line: d.Line, Sender: recipients.MustParse("+14155559876"),
	})
	check(err)
	fmt.Println(receipt.Chat == d.ChatID)
	// Output:
	// delivered
	// true
}
