package cookbook_test

import (
	"context"
	"fmt"
	"log"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Why says why a message went out from its line.
func Why(ctx context.Context, router *fromline.Router, id uuid.UUID) (string, error) {
	known, err := router.ReadBack(ctx, "acme", id) // or fromline.ReadBackOfKey
	if err != nil || known.Trace == nil {
		return "nothing is kept", err
	}
	return known.Trace.String(), nil
}

// A program asks why a message went out from its line, and what a send would
// decide now.
func Example_why() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}))
	request := &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{KeepTraces: true})
	check(err)
	d, err := router.Send(ctx, "acme", request)
	check(err)

	why, err := Why(ctx, router, d.MessageID)
	check(err)
	fmt.Println(why)

	check(router.LineFlagged(ctx, "acme", d.Line))
	checked, err := router.Check(request)
	check(err)
	would, err := router.Preview(ctx, fromline.Outgoing{Tenant: "acme", Request: checked, Explain: true})
	check(err)
	fmt.Println(would.Reason, would.Line, would.Trace.PassedOver.Flagged)
	// Output:
	// branch: new, no chat matches these people
	//   picked: +14155550102 reputation=0 country=0 use=0 area=0 province=0 fewest=0
	//   runner-up: +12055550101 reputation=0 country=0 use=0 area=1 province=1 fewest=0
	//   decided by: area
	//   passed over: none
	//
	// failover_flagged +12055550101 1
}
