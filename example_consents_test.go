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
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// The store keeps who opted out; a send to one such person is refused, unless
// the request says override_optout.
func ExampleConsentRules() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Consents: fromline.ConsentRules{OptOuts: true}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, person := context.Background(), recipients.MustParse("+14155559876")
	_, applied, err := router.ChangeConsent(ctx, "acme", person, store.ConsentChange{OptedOut: new(true), At: time.Now()})
	fmt.Println(applied, err)

	request := &message.Request{To: []string{person.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}}}
	_, err = router.Send(ctx, "acme", request)
	fmt.Println(int(fromline.CodeOf(err)))

	request.OverrideOptOut = new(true)
	d, err := router.Send(ctx, "acme", request)
	fmt.Println(d.Reason, err)
	// Output:
	// true <nil>
	// 2024
	// new_best_number <nil>
}
