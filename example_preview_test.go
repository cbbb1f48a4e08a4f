package fromline_test

import (
	"context"
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Preview decides as Route would now, and writes nothing. The trace says why.
func ExampleRouter_Preview() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101"), Status: line.Flagged},
		{Number: recipients.MustParse("+14155550102")},
	}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	checked, err := router.Check(&message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // the second one opens a chat again: nothing was written
		d, err := router.Preview(context.Background(), fromline.Outgoing{Tenant: "acme", Request: checked})
		fmt.Println(d.Line, d.Reason, err)
	}
	// Output:
	// +14155550102 new_best_number <nil>
	// +14155550102 new_best_number <nil>
}
