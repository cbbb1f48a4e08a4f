package cookbook_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// FlaggingNetwork takes messages from all lines but one, which it has flagged.
type FlaggingNetwork struct {
	flagged recipients.Handle
	taken   []delivery.Delivery
}

// Send implements delivery.Sender.
func (n *FlaggingNetwork) Send(_ context.Context, d delivery.Delivery) error {
	if d.From == n.flagged {
		return &delivery.Failure{Err: errors.New("the line is flagged"), LineFlagged: true}
	}
	n.taken = append(n.taken, d)
	return nil
}

// A message that meets a flag is not lost: the line is flagged for all, and the
// message goes out from another one, under the same id.
func Example_aMessageMeetsAFlag() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	birmingham, sanFrancisco := recipients.MustParse("+12055550101"), recipients.MustParse("+14155550102")
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: birmingham}, {Number: sanFrancisco}}))
	network := &FlaggingNetwork{flagged: sanFrancisco}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Sender: network, Reroute: true})
	check(err)

	request := &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	}
	d, err := router.Send(ctx, "acme", request)
	check(err)
	fmt.Println("decided:", d.Line)
	for len(network.taken) == 0 {
		check(router.Drain(ctx)) // a program lets Run do this
	}
	fmt.Println("handed over:", network.taken[0].From, network.taken[0].MessageID == d.MessageID, len(network.taken))

	d, err = router.Send(ctx, "acme", request)
	check(err)
	fmt.Println("the next one:", d.Reason, d.Line)
	// Output:
	// decided: +14155550102
	// handed over: +12055550101 true 1
	// the next one: reused_active_chat +12055550101
}
