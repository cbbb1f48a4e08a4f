package fromline_test

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

// A backend that embeds fromline: its lines, a store, a Router, and one send.
func Example() {
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")},
		{Number: recipients.MustParse("+14155550102"), Limits: line.Limits{NewChatsPerDay: 50}},
	}))
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	check(err)

	request := &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi! How can we help?")}},
	}
	d, err := router.Send(context.Background(), "acme", request)
	check(err) // a *fault.Error lists every fault
	fmt.Println(d.Line, d.Reason)

	d, err = router.Send(context.Background(), "acme", request)
	check(err)
	fmt.Println(d.Line, d.Reason)
	// Output:
	// +14155550102 new_best_number
	// +14155550102 reused_active_chat
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
