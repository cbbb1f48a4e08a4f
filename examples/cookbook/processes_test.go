package cookbook_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// Process is what each process has of its own: a fleet, and a Router over the
// store that all share.
type Process struct {
	lines  *fleet.Fleet
	router *fromline.Router
}

// NewProcess makes a process with two lines.
func NewProcess(chats store.ChatStore) (p Process, err error) {
	if p.lines, err = fleet.New(fleet.Options{}); err != nil {
		return p, err
	}
	if err = p.lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}); err != nil {
		return p, err
	}
	p.router, err = fromline.New(chats, p.lines, fromline.Options{})
	return p, err
}

// Processes that share a store share what they know of lines: each polls the
// store, twice a second or as its options say.
func Example_twoProcesses() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	chats := memory.New(memory.Options{}) // PostgreSQL, where they are processes indeed
	one, err := NewProcess(chats)
	check(err)
	two, err := NewProcess(chats)
	check(err)
	request := &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	}
	d, err := one.router.Send(ctx, "acme", request)
	check(err)
	fmt.Println(d.Reason, d.Line)

	check(one.router.LineFlagged(ctx, "acme", d.Line)) // one process learns it
	check(two.lines.Sync(ctx, chats))                  // a program lets Run do this
	d, err = two.router.Send(ctx, "acme", request)
	check(err)
	fmt.Println(d.Reason, d.Line)
	// Output:
	// new_best_number +14155550102
	// failover_flagged +12055550101
}
