package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Wrote is the event that a person wrote a text to one of our lines.
func Wrote(person, ours recipients.Handle, id string, text inbound.Text) inbound.Event {
	return inbound.Event{
		Type: inbound.MessageReceived, At: time.Now(),
		Line: ours, Sender: person, Chat: "chat0815", Message: id, Text: &text,
	}
}

// A person who writes STOP gets no message any more, from no line, until the
// person writes again.
func Example_optOut() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	ann, ours := recipients.MustParse("+14155559876"), recipients.MustParse("+14155550102")
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: ours}}))
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{
		Consents: fromline.ConsentRules{OptOuts: true},
	})
	check(err)
	sale := &message.Request{
		To:      []string{ann.String()},
		Message: &message.Content{Parts: []message.Part{message.Text("Sale!")}},
	}

	_, err = router.Receive(ctx, "acme", Wrote(ann, ours, "p:0/1", "STOP"))
	check(err)
	_, err = router.Send(ctx, "acme", sale)
	fmt.Println(fromline.CodeOf(err) == fault.CodeOptedOut, err)

	_, err = router.Receive(ctx, "acme", Wrote(ann, ours, "p:0/2", "Hello again"))
	check(err)
	d, err := router.Send(ctx, "acme", sale)
	fmt.Println(d.Reason, err)
	// Output:
	// true fromline: what is kept of these people stops this send: opted_out
	// reused_active_chat <nil>
}
