package fromline_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// A backend that embeds fromline: its lines, a store, a Router, and one send.
func Example() {
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")},
		{Number: recipients.MustParse("+14155550102"), Limits: line.Limits{NewChatsPerDay: 50}},
	}))
	router, err := routing.New(memory.New(memory.Options{}), lines, routing.Options{})
	check(err)

	send, err := validate.Request(&message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi! How can we help?")}},
	}, validate.Options{})
	check(err) // a *validate.Error lists every fault

	d, err := router.Route(context.Background(), routing.Send{Tenant: "acme", Request: send})
	check(err)
	fmt.Println(d.Line, d.Reason)

	d, err = router.Route(context.Background(), routing.Send{Tenant: "acme", Request: send})
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
