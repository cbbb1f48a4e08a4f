package routing_test

import (
	"context"
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
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// A Router decides sends and makes the decisions durable: the second message to
// the same people goes into the chat that the first one opened, and the same
// send again is answered with what was decided.
func Example() {
	lines, _ := fleet.New(fleet.Options{})
	_ = lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12025550161")}})
	router, err := routing.New(memory.New(memory.Options{}), lines, routing.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	send := func(text, key string) {
		request, err := validate.Request(&message.Request{
			To:        []string{"+12025550143"},
			Message:   &message.Content{Parts: []message.Part{message.Text(text)}},
			HeaderKey: &key,
		}, validate.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		d, err := router.Route(context.Background(), routing.Send{Tenant: "acme", Request: request})
		fmt.Println(d.Reason, d.Line, d.Replay, err)
	}
	send("Dinner at eight?", "first")
	send("Or at nine?", "second")
	send("Or at nine?", "second")
	// Output:
	// new_best_number +12025550161 false <nil>
	// reused_active_chat +12025550161 false <nil>
	// reused_active_chat +12025550161 true <nil>
}

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
	input := routing.Input{
		Send: request,
		Chats: []store.Chat{{
			ID:        uuid.MustParse("018f3a4e-0000-7000-8000-000000000001"),
			Line:      old,
			Roster:    store.NewRoster(request.Recipients(), now.Add(-time.Hour)),
			CreatedAt: now.Add(-time.Hour), ActiveAt: now.Add(-time.Minute),
		}},
		Lines:     fleet.NewView([]line.Line{{Number: old, Status: line.Flagged}, {Number: spare}}, fleet.ViewOptions{At: now}),
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
	//   picked: +16175550162 reputation=0 country=0 use=0 area=1 fewest=0
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
	_, err = routing.Decide(routing.Input{
		Send: request, Lines: fleet.NewView(lines, fleet.ViewOptions{At: now}), At: now,
		MessageID: uuid.Must(uuid.NewV7()), NewChatID: uuid.Must(uuid.NewV7()),
	})
	if refusal, is := errors.AsType[*routing.Refusal](err); is {
		fmt.Println(int(refusal.Code), refusal.PassedOver.Flagged, refusal.PassedOver.NewChatLimit, refusal.NextFree.Format(time.Kitchen))
	}
	// Output: 2015 1 1 1:00PM
}

// Two processes share a store. What one of them hears about a line, the other
// knows when it has polled, and so does one that starts later.
func ExampleLineEvents() {
	chats := memory.New(memory.Options{})
	number := recipients.MustParse("+12025550161")
	process := func() *fleet.Fleet {
		lines, _ := fleet.New(fleet.Options{})
		_ = lines.SetLines("acme", []line.Line{{Number: number}})
		return lines
	}
	here, there := process(), process()
	events := routing.LineEvents{Fleet: here, States: chats}

	// What a handler of webhooks does.
	event, err := fleet.ParseEvent([]byte(`{"event_type":"phone_number.status_updated","data":{
		"phone_number":"+12025550161","new_reputation":"AT_RISK","changed_at":"2026-03-01T12:00:00Z"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(events.Report(context.Background(), event))

	if err := there.Sync(context.Background(), chats); err != nil { // Follow does it by itself
		fmt.Println(err)
	}
	view, _ := there.Lines(context.Background(), "acme", time.Now())
	known, _ := view.Line(number)
	fmt.Println(known.Status, known.Reputation)
	// Output:
	// true <nil>
	// ACTIVE AT_RISK
}

// Whoever delivers says when the network has flagged a line: the next message of
// its chats fails over.
func ExampleRouter_Report() {
	lines, _ := fleet.New(fleet.Options{})
	number := recipients.MustParse("+12025550161")
	_ = lines.SetLines("acme", []line.Line{{Number: number}})
	router, err := routing.New(memory.New(memory.Options{}), lines, routing.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(router.Report(context.Background(), "acme", routing.Outcome{Line: number, Kind: fleet.LineFlagged}))
	view, _ := lines.Lines(context.Background(), "acme", time.Now())
	known, _ := view.Line(number)
	fmt.Println(known.Status, known.CanContinue())
	// Output:
	// <nil>
	// FLAGGED false
}

// tally is an observer that writes down what it is told.
type tally struct{}

func (tally) Decided(_ context.Context, reason store.Reason, replay bool, _ time.Duration) {
	fmt.Println("decided:", reason, replay)
}

func (tally) Refused(_ context.Context, err error, _ time.Duration) {
	fmt.Println("refused:", int(routing.CodeOf(err)))
}

func (tally) Conflicted(_ context.Context, kind store.ConflictKind) {
	fmt.Println("conflict:", kind)
}

// An Observer is told how every send ends.
func ExampleObserver() {
	lines, _ := fleet.New(fleet.Options{})
	number := recipients.MustParse("+12025550161")
	_ = lines.SetLines("acme", []line.Line{{Number: number, Limits: line.Limits{NewChatsPerDay: 1}}})
	router, err := routing.New(memory.New(memory.Options{}), lines, routing.Options{Observer: tally{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"+12025550143", "+12025550144"} {
		request, err := validate.Request(&message.Request{
			To: []string{to}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
		}, validate.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		_, _ = router.Route(context.Background(), routing.Send{Tenant: "acme", Request: request})
	}
	// Output:
	// decided: new_best_number false
	// refused: 2015
}
