package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"sync"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Outbound is a network for your tests: it records each message.
type Outbound struct {
	mu   sync.Mutex
	sent []delivery.Delivery
}

// Send implements delivery.Sender.
func (o *Outbound) Send(_ context.Context, d delivery.Delivery) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, d)
	return nil
}

// NewFake makes a Router for your tests, with a store in memory, two lines, and
// a network that records each message.
func NewFake() (*fromline.Router, *Outbound, error) {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}); err != nil {
		return nil, nil, err
	}
	network := &Outbound{}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Sender: network})
	return router, network, err
}

// A fake for tests of your own. No clock is waited for: Drain hands over what
// is due.
func Example_fake() {
	router, network, err := NewFake()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Welcome!")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := router.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(network.sent), network.sent[0].From)
	// Output: 1 +14155550102
}
