package routing_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// Decide is the decision without anything around it: its input is values, and
// so it can be asked what would happen.
func ExampleDecide() {
	old, spare := recipients.MustParse("+12025550161"), recipients.MustParse("+16175550162")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	text := "It is me, from another number."
	request, err := validate.Request(&message.Request{
		To:                  []string{"+12025550143"},
		Message:             &message.Content{Parts: []message.Part{message.Text("Dinner at eight?")}},
		ContinuationMessage: &message.Continuation{Text: &text},
	}, validate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := fleet.NewView([]line.Line{{Number: old, Status: line.Flagged}, {Number: spare}}, fleet.ViewOptions{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	input := routing.Input{
		Send: request,
		Chats: []store.Chat{{
			ID:        uuid.MustParse("018f3a4e-0000-7000-8000-000000000001"),
			Line:      old,
			Roster:    store.NewRoster(request.Recipients(), now.Add(-time.Hour)),
			CreatedAt: now.Add(-time.Hour), ActiveAt: now.Add(-time.Minute),
		}},
		Lines:     lines,
		At:        now,
		MessageID: uuid.MustParse("018f3a4e-0000-7000-8000-000000000002"),
		NewChatID: uuid.MustParse("018f3a4e-0000-7000-8000-000000000003"),
	}
	d, err := routing.Decide(input)
	fmt.Println(d, err)
	fmt.Print(routing.Explain(input))
	// Output:
	// fail over from chat 018f3a4e-0000-7000-8000-000000000001 to new chat 018f3a4e-0000-7000-8000-000000000003 on +16175550162, with the continuation <nil>
	// branch: failover, chats match and none is on a line that can continue
	//   chat 018f3a4e-0000-7000-8000-000000000001 on +12025550161, active 2026-03-01T11:59:00Z: line flagged  <- abandoned
	//   picked: +16175550162 reputation=0 country=0 use=0 area=1 province=1 fewest=0
	//   runner-up: none
	//   passed over: 1 flagged
}

// A refusal says why no line could be picked, and when that ends.
func ExampleRefusal() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	request, err := validate.Request(&message.Request{
		To: []string{"+12025550143"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	}, validate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := []line.Line{
		{Number: recipients.MustParse("+12025550161"), Status: line.Flagged},
		{Number: recipients.MustParse("+16175550162"), NewChatsFullUntil: now.Add(time.Hour)},
	}
	view, err := fleet.NewView(lines, fleet.ViewOptions{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = routing.Decide(routing.Input{
		Send: request, Lines: view, At: now,
		MessageID: uuid.Must(uuid.NewV7()), NewChatID: uuid.Must(uuid.NewV7()),
	})
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		fmt.Println(int(refusal.Code), refusal.PassedOver.Flagged, refusal.PassedOver.NewChatLimit, refusal.NextFree.Format(time.Kitchen))
	}
	// Output: 2015 1 1 1:00PM
}
