package cookbook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Callback is a provider's callback about a message that a person wrote.
type Callback struct {
	GUID, ChatGUID string
	From, To       recipients.Handle
	Date           time.Time
	Text           inbound.Text
}

// Event makes an event of fromline from the callback.
func (c *Callback) Event() inbound.Event {
	return inbound.Event{
		Type:    inbound.MessageReceived,
		At:      c.Date,
		Line:    c.To,
		Chat:    c.ChatGUID, // the id that your provider gives the chat
		Message: c.GUID,     // and the message
		Sender:  c.From,
		Text:    &c.Text, // for opt-outs; leave it out where you need none
	}
}

// What a network tells is given to the Router as it comes: a person who wrote
// to one of our lines is answered from that line.
func Example_peopleWriteFirst() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}))
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	check(err)

	var told Callback // in your handler of the provider's callbacks
	check(json.Unmarshal([]byte(`{"guid": "p:0/4711", "chatGuid": "chat0815", "date": "2026-03-01T12:00:00Z",
		"from": "+14155559876", "to": "+12055550101", "text": "Is my order on its way?"}`), &told))
	receipt, err := router.Receive(ctx, "acme", told.Event())
	check(err)
	fmt.Println(receipt.Applied, receipt.Chat == inbound.ChatID("chat0815"))

	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Yes, since this morning.")}},
	})
	check(err)
	fmt.Println(d.Reason, d.Line)
	// Output:
	// true true
	// reused_active_chat +12055550101
}
