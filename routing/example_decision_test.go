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

// A decision says what to send, from where and into which chat.
func ExampleDecision() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	request, err := validate.Request(&message.Request{
		To: []string{"+12025550143"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	}, validate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := fleet.NewView([]line.Line{{Number: recipients.MustParse("+12025550161")}}, fleet.ViewOptions{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := routing.Decide(routing.Input{
		Send: request, Lines: lines, At: now,
		MessageID: uuid.MustParse("018f3a4e-0000-7000-8000-000000000002"),
		NewChatID: uuid.MustParse("018f3a4e-0000-7000-8000-000000000003"),
	})
	fmt.Println(d.Reason, d.OpensChat(), d.Line, d.ChatID, len(d.Message.Parts), err)
	// Output: new_best_number true +12025550161 018f3a4e-0000-7000-8000-000000000003 1 <nil>
}
