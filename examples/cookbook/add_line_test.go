package cookbook_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// YoungLine is a line that opens few chats at first.
func YoungLine(number string) line.Line {
	return line.Line{Number: recipients.MustParse(number), Limits: line.Limits{NewChatsPerDay: 20}}
}

// A line that is added takes new chats at once; chats stay where they are.
func Example_addALine() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12055550101")}}))
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	check(err)
	send := func(to string) {
		d, err := router.Send(ctx, "acme", &message.Request{
			To: []string{to}, Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
		})
		check(err)
		fmt.Println(d.Reason, d.Line)
	}

	send("+442079460999")
	check(lines.PutLine("acme", YoungLine("+442079460104")))
	send("+442079460999")
	send("+442079460998")
	// Output:
	// new_best_number +12055550101
	// reused_active_chat +12055550101
	// new_best_number +442079460104
}
