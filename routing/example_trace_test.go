package routing_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/validate"
)

// A trace says which line was picked, which was the next best, and the first
// criterion in which they differ.
func ExampleTrace() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	request, err := validate.Request(&message.Request{
		To: []string{"+12025550143"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	}, validate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := fleet.NewView([]line.Line{
		{Number: recipients.MustParse("+12025550161"), Reputation: line.AtRisk},
		{Number: recipients.MustParse("+16175550162")},
		{Number: recipients.MustParse("+16175550163"), Status: line.Flagged},
	}, fleet.ViewOptions{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	trace := routing.Explain(routing.Input{Send: request, Lines: lines, At: now, MessageID: uuid.Must(uuid.NewV7())})
	fmt.Println(trace.Branch, len(trace.Chats), trace.PassedOver.Flagged)
	for i, name := range trace.Criteria {
		if trace.Picked.Values[i] != trace.RunnerUp.Values[i] {
			fmt.Println(trace.Picked.Line, "before", trace.RunnerUp.Line, "by", name)
			break
		}
	}
	// Output:
	// new_best_number 0 1
	// +16175550162 before +12025550161 by reputation
}
