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

// cards are the address cards of people: their handles, by each of them.
type cards map[recipients.Handle][]recipients.Handle

// Aliases returns the further handles of each person.
func (c cards) Aliases(_ context.Context, _ string, to recipients.Set) ([][]recipients.Handle, error) {
	var all [][]recipients.Handle
	for _, person := range to.All() {
		all = append(all, c[person])
	}
	return all, nil
}

// Ann knows the first line from a chat with her number. With an AliasResolver,
// and a policy that prefers lines that people know, a chat with her email
// address opens on that line too.
func ExampleAliasResolver() {
	number, email := recipients.MustParse("+14155559876"), recipients.MustParse("ann@example.com")
	lines, err := fleet.New(fleet.Options{Policy: fleet.Policy{Criteria: []fleet.Criterion{fleet.ByKnown(), fleet.ByFewest()}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lines.SetLines("acme", []line.Line{{Number: recipients.MustParse("+12055550101")}}); err != nil {
		fmt.Println(err)
		return
	}
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Aliases: cards{email: {number}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	send := func(to recipients.Handle) {
		d, err := router.Send(context.Background(), "acme", &message.Request{
			To: []string{to.String()}, Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
		})
		fmt.Println(d.Line, d.Reason, err)
	}
	send(number)
	if err := lines.PutLine("acme", line.Line{Number: recipients.MustParse("+14155550102")}); err != nil {
		fmt.Println(err)
	}
	send(email) // the second line has opened no chat yet, and would be the best by that
	// Output:
	// +12055550101 new_best_number <nil>
	// +12055550101 new_best_number <nil>
}
