package line_test

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A guard of one rule: openings come at least twenty minutes apart, after a
// rest two at once.
func ExampleGuard() {
	guard := line.Guard{Gap: 20 * time.Minute, Burst: 2}
	fmt.Println(guard.Validate(), guard.IsZero())

	guard = line.Guard{Gap: 20 * time.Minute} // how many may come at once is not said
	fmt.Println(guard.Validate() != nil)
	// Output:
	// <nil> false
	// true
}

// What is known of a line are facts, each with its own time.
func ExampleState() {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	known := line.State{Tenant: "acme", Number: recipients.MustParse("+12055550101"), Status: line.Flagged, StatusAt: at}
	news := line.State{Tenant: "acme", Number: known.Number, Reputation: line.AtRisk, ReputationAt: at.Add(-time.Hour)}
	known, changed := known.Merge(news)
	fmt.Println(known.Status, known.Reputation, changed)
	// Output: FLAGGED AT_RISK true
}
