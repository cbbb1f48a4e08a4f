package cookbook

import (
	"fmt"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// A line that is added takes new chats at once; chats stay where they are.
func Example_addALine() {
	lines := ourLines()
	router, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{})
	must(err)
	d, err := router.Send(ctx, "acme", text("Hi!", "+442079460999"))
	fmt.Println(d.Reason, d.Line, err)

	must(lines.PutLine("acme", line.Line{Number: recipients.MustParse("+442079460104"), Limits: line.Limits{NewChatsPerDay: 20}}))
	d, err = router.Send(ctx, "acme", text("Hi again!", "+442079460999"))
	fmt.Println(d.Reason, d.Line, err)
	d, err = router.Send(ctx, "acme", text("Hi!", "+442079460998"))
	fmt.Println(d.Reason, d.Line, err)
	// Output:
	// new_best_number +12055550101 <nil>
	// reused_active_chat +12055550101 <nil>
	// new_best_number +442079460104 <nil>
}

// Processes that share a store share what they know of lines: each polls the store,
// every second or as its options say.
func Example_twoProcesses() {
	chats := memory.New(memory.Options{})
	here, there := ourLines(), ourLines()
	one, err := fromline.New(chats, here, fromline.Options{})
	must(err)
	two, err := fromline.New(chats, there, fromline.Options{})
	must(err)
	_, err = one.Send(ctx, "acme", text("Hi!", "+14155559876"))
	must(err)

	must(one.LineFlagged(ctx, "acme", second)) // one process learns it
	must(there.Sync(ctx, chats))               // a program lets Run do this
	d, err := two.Send(ctx, "acme", text("Hi again!", "+14155559876"))
	fmt.Println(d.Reason, d.Line, err)
	// Output: failover_flagged +12055550101 <nil>
}
