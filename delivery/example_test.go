package delivery_test

import (
	"context"
	"fmt"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store/memory"
)

// network is where a backend would call its provider.
type network struct{}

func (network) Send(_ context.Context, d delivery.Delivery) error {
	fmt.Printf("from %s to %s: %s\n", d.From, d.To, d.Content)
	return nil
}

func ExampleDispatcher() {
	chats := memory.New(memory.Options{})
	commit(failNow{}, chats, 0, 0) // a Router with Options.Deliver does this

	d, err := delivery.New(chats, network{}, delivery.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// A server calls Run in a goroutine of its own; Drain returns when nothing
	// is due.
	fmt.Println(d.Drain(context.Background()))
	// Output:
	// from +12025550100 to +13015550000: {"parts":[{"type":"text","value":"0 of 0"}]}
	// <nil>
}

type failNow struct{}

func (failNow) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (failNow) FailNow()                          { panic("failed") }
