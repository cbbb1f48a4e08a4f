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

// reachedBySMS is what your tables know of people who have no iMessage.
type reachedBySMS map[recipients.Handle]bool

// Service says what a new chat with these people will run on.
func (r reachedBySMS) Service(_ context.Context, _ string, to recipients.Set) (message.Service, error) {
	for _, person := range to.All() {
		if r[person] {
			return message.SMS, nil
		}
	}
	return 0, nil // not known
}

// A Capability says which service the answer to a send names for a new chat.
func ExampleCapability() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{
		Capability: reachedBySMS{recipients.MustParse("+14155559876"): true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"+14155559876", "+14155559877"} {
		d, err := router.Send(context.Background(), "acme", &message.Request{
			To: []string{to}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
		})
		fmt.Println(d.Service, err)
	}
	// Output:
	// SMS <nil>
	// iMessage <nil>
}
