// Embed sends three messages to one person, which take the three branches.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/sqlite"
)

type table []line.Line // read your own table of lines here: this implements fromline.LineHealth

func (t table) Lines(context.Context, string) ([]line.Line, error) { return t, nil }

type network struct{} // hand messages over here: this implements delivery.Sender
func (network) Send(_ context.Context, d delivery.Delivery) error {
	_, err := fmt.Println(d.Reason, d.From) // d.To, d.Content, d.MessageID …
	return err
}

func main() {
	ctx := context.Background()
	chats := must(sqlite.Open(ctx, "chats.db", sqlite.Options{}))
	first, second := recipients.MustParse("+14155550102"), recipients.MustParse("+12055550101")
	lines := table{{Number: first}, {Number: second}}
	router := must(fromline.New(chats, lines, fromline.Options{Sender: network{}}))
	send := func(text string) {
		content := &message.Content{Parts: []message.Part{message.Text(text)}}
		must(router.Send(ctx, "acme", &message.Request{To: []string{"+14155559876"}, Message: content}))
		check(router.Drain(ctx)) // hands over what is due; a server runs router.Run instead
	}
	send("Hi!")                                   // prints new_best_number +14155550102
	send("Are you there?")                        // prints reused_active_chat +14155550102
	check(router.LineFlagged(ctx, "acme", first)) // the network has flagged the line
	send("Hello again!")                          // prints failover_flagged +12055550101
}

// must ends the program on an error.
func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
