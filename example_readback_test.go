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

// What is known of a message that was decided: where it stands, and why it went
// out from that line.
func ExampleReadBack() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Deliver: true, KeepTraces: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	d, err := router.Send(ctx, "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	known, err := router.ReadBack(ctx, "acme", d.MessageID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(known.Status(), known.Record.Line, known.Record.Reason)
	fmt.Println(known.Trace.Picked.Line, "before", known.Trace.RunnerUp.Line)
	// Output:
	// pending +14155550102 new_best_number
	// +14155550102 before +12055550101
}
