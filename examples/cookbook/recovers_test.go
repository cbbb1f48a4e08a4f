package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// LineRows stand for the rows of your table of lines.
type LineRows []line.Line

// Lines implements fromline.LineHealth.
func (r LineRows) Lines(context.Context, string) ([]line.Line, error) { return r, nil }

// The later word about a line holds, the table's or a report's: so a row says
// when its status changed.
func Example_aLineIsWellAgain() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, now := context.Background(), time.Now()
	number := recipients.MustParse("+12055550101")
	rows := LineRows{{Number: number, Status: line.Active, ChangedAt: now.Add(-time.Hour)}}
	router, err := fromline.New(memory.New(memory.Options{}), rows, fromline.Options{
		Clock: func() time.Time { return now },
	})
	check(err)
	_, err = router.Acknowledge(ctx, fleet.Event{ // as your provider's webhook says it
		Type: fleet.StatusUpdated, Tenant: "acme", Number: number, Status: line.Flagged, ChangedAt: now,
	})
	check(err)
	known, err := router.Lines(ctx, "acme")
	check(err)
	fmt.Println(known[0].Status)

	now = now.Add(time.Minute)
	rows[0].ChangedAt = now // an operator sets the row to ACTIVE
	known, err = router.Lines(ctx, "acme")
	check(err)
	fmt.Println(known[0].Status)
	// Output:
	// FLAGGED
	// ACTIVE
}
