package cookbook

import (
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// A person who writes STOP is not written to any more, from no line.
func Example_optOut() {
	router, err := fromline.New(memory.New(memory.Options{}), ourLines(), fromline.Options{
		Consents: fromline.ConsentRules{OptOuts: true},
	})
	must(err)
	ann := recipients.MustParse("+14155559876")
	_, err = router.Receive(ctx, "acme", inbound.Event{
		Type: inbound.MessageReceived, At: time.Now(), Line: first, Chat: "chat0815", Message: "p:0/4712", Sender: ann,
		Text: new(inbound.Text("STOP")),
	})
	must(err)
	_, err = router.Send(ctx, "acme", text("Sale!", ann.String()))
	fmt.Println(fromline.CodeOf(err) == fault.CodeOptedOut, err)
	// Output: true fromline: the gate stops this send: opted_out
}
