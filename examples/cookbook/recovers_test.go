package cookbook

import (
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store/memory"
)

// The later word about a line holds, the table's or a report's: so a row says when
// its status changed.
func Example_aLineIsWellAgain() {
	now := time.Now()
	rows := Rows{{Number: first, Status: line.Active, ChangedAt: now.Add(-time.Hour)}}
	router, err := fromline.New(memory.New(memory.Options{}), rows, fromline.Options{
		Clock: func() time.Time { return now },
	})
	must(err)
	must(router.LineFlagged(ctx, "acme", first)) // as a Sender reports it
	known, err := router.Lines(ctx, "acme")
	must(err)
	fmt.Println(known[0].Status)

	now = now.Add(time.Minute)
	rows[0].ChangedAt = now // an operator sets the row to ACTIVE
	known, err = router.Lines(ctx, "acme")
	must(err)
	fmt.Println(known[0].Status)
	// Output:
	// FLAGGED
	// ACTIVE
}
