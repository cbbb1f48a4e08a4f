package line_test

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// What a careful guard lets a line of 50 new chats a day do on the first day of
// its life, and when it has grown.
func ExampleGuard_Bounds() {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, days := range []int{0, 7, 30} {
		b := line.Careful().Bounds(50, start, start.AddDate(0, 0, days))
		fmt.Println(days, b.Allowance, b.Failovers, b.Pace.Step)
	}
	// Output:
	// 0 10 2 25m0s
	// 7 30 6 8m20s
	// 30 50 10 5m0s
}

// Events come late and in any order: of each fact the later word counts.
func ExampleState_Merge() {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	number := recipients.MustParse("+12055550101")
	flagged := line.State{Tenant: "acme", Number: number, Status: line.Flagged, StatusAt: at}
	before := line.State{Tenant: "acme", Number: number, Status: line.Active, StatusAt: at.Add(-time.Hour)}
	merged, news := flagged.Merge(before)
	fmt.Println(merged.Status, news)
	// Output: FLAGGED false
}

// A line at risk that sends SMS only and opens at most 50 chats a day.
func ExampleLine() {
	l := line.Line{
		Number:     recipients.MustParse("+12055550101"),
		Reputation: line.AtRisk,
		Services:   line.Services(message.SMS),
		Limits:     line.Limits{NewChatsPerDay: 50},
	}
	fmt.Println(l.Validate(), l.CanContinue(), l.Normal().Status)

	l.Status = line.Flagged
	fmt.Println(l.CanContinue())
	// Output:
	// <nil> true ACTIVE
	// false
}
