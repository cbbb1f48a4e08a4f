package fromline_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/validate"
)

// A Router decides sends and makes the decisions durable: the second message to
// the same people goes into the chat that the first one opened, and the same
// send again is answered with what was decided.
func ExampleRouter_Route() {
	lines, _ := fleet.New(fleet.Options{})
	_ = lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12025550161")}})
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
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
		d, err := router.Route(context.Background(), fromline.Outgoing{Tenant: "acme", Request: request})
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

// Two processes share a store. What one of them hears about a line, the other
// knows when it has polled, and so does one that starts later.
func ExampleRouter_ReportLine() {
	chats := memory.New(memory.Options{})
	number := recipients.MustParse("+12025550161")
	process := func() *fleet.Fleet {
		lines, _ := fleet.New(fleet.Options{})
		_ = lines.SetLines("acme", []line.Line{{Number: number}})
		return lines
	}
	here, there := process(), process()
	router, err := fromline.New(chats, here, fromline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}

	// What a handler of webhooks does.
	event, err := fleet.ParseEvent([]byte(`{"event_type":"phone_number.status_updated","data":{
		"phone_number":"+12025550161","new_reputation":"AT_RISK","changed_at":"2026-03-01T12:00:00Z"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(router.ReportLine(context.Background(), event))

	if err := there.Sync(context.Background(), chats); err != nil { // Follow does it by itself
		fmt.Println(err)
	}
	view, _ := there.View(context.Background(), "acme", time.Now())
	known, _ := view.Line(number)
	fmt.Println(known.Status, known.Reputation)
	// Output:
	// true <nil>
	// ACTIVE AT_RISK
}

// A host that delivers by itself says when the network has flagged a line: the
// next message of its chats fails over.
func ExampleRouter_LineFlagged() {
	lines, _ := fleet.New(fleet.Options{})
	number := recipients.MustParse("+12025550161")
	_ = lines.SetLines("acme", []line.Line{{Number: number}})
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(router.LineFlagged(context.Background(), "acme", number))
	view, _ := lines.View(context.Background(), "acme", time.Now())
	known, _ := view.Line(number)
	fmt.Println(known.Status, known.CanContinue())
	// Output:
	// <nil>
	// FLAGGED false
}

// An Observer is told how every send ends.
func ExampleObserver() {
	lines, _ := fleet.New(fleet.Options{})
	number := recipients.MustParse("+12025550161")
	_ = lines.SetLines("acme", []line.Line{{Number: number, Limits: line.Limits{NewChatsPerDay: 1}}})
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Observer: fromline.Observer{
		Decided: func(_ context.Context, tenant string, d *routing.Decision, _ time.Duration) {
			fmt.Println(tenant, "decided:", d.Reason, d.Replay)
		},
		Refused: func(_ context.Context, tenant string, err error, _ time.Duration) {
			fmt.Println(tenant, "refused:", int(fromline.CodeOf(err)))
		},
	}})
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
		_, _ = router.Route(context.Background(), fromline.Outgoing{Tenant: "acme", Request: request})
	}
	// Output:
	// acme decided: new_best_number false
	// acme refused: 2015
}
