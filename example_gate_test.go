package fromline_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// stopList is a Gate over your own list of people who opted out.
type stopList map[string]bool

// Admit says whether the tenant may write to these people.
func (l stopList) Admit(_ context.Context, _ string, to recipients.Set) (fromline.Admission, error) {
	if l[to.String()] {
		return fromline.OptedOut, nil
	}
	return fromline.Admitted, nil
}

// A Gate stops sends by what your own tables know. Where the store of fromline
// keeps opt-outs, use ConsentRules instead.
func ExampleGate() {
	lines, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+14155550102")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Gate: stopList{"+14155559876": true}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = router.Send(context.Background(), "acme", &message.Request{
		To: []string{"+14155559876"}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	})
	stopped, is := errors.AsType[*fromline.GateError](err)
	fmt.Println(is, stopped.Admission, int(fromline.CodeOf(err)))
	// Output: true opted_out 2024
}
