package cookbook

import (
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// What a network tells is given to the Router as it comes: whoever wrote to one of our
// lines is answered from that line.
func Example_peopleWriteFirst() {
	router, err := fromline.New(memory.New(memory.Options{}), ourLines(), fromline.Options{})
	must(err)
	receipt, err := router.Receive(ctx, "acme", inbound.Event{
		Type:    inbound.MessageReceived,
		At:      time.Now(),
		Line:    first,
		Chat:    "chat0815", // the id that your provider gives the chat
		Message: "p:0/4711", // and the message
		Sender:  recipients.MustParse("+14155559876"),
	})
	fmt.Println(receipt.Applied, receipt.Chat == inbound.ChatID("chat0815"), err)

	d, err := router.Send(ctx, "acme", text("Thanks, we look into it.", "+14155559876"))
	fmt.Println(d.Reason, d.Line, err)
	// Output:
	// true true <nil>
	// reused_active_chat +12055550101 <nil>
}
