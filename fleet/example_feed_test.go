package fleet_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// news is a feed of two states of lines, as another process reported them.
type news []line.State

// LineStates implements fleet.Feed.
func (n news) LineStates(_ context.Context, after line.Change, limit int) (states []line.State, last line.Change, err error) {
	last = after
	for _, s := range n {
		if s.Change > after && len(states) < limit {
			states, last = append(states, s), s.Change
		}
	}
	return states, last, nil
}

// LineUse implements fleet.Feed: nothing was sent.
func (news) LineUse(_ context.Context, after line.Change, _ int) ([]line.Use, line.Change, error) {
	return nil, after, nil
}

// A fleet learns from a feed what other processes know of its lines. Every
// store of this module is one.
func ExampleFeed() {
	ctx, now := context.Background(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	first, second := recipients.MustParse("+14155550100"), recipients.MustParse("+14155550101")
	f, err := fleet.New(fleet.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := f.SetLines("acme", []line.Line{{Number: first}, {Number: second}}); err != nil {
		fmt.Println(err)
		return
	}
	var feed fleet.Feed = news{
		{Tenant: "acme", Number: first, Status: line.Flagged, StatusAt: now, Change: 1},
		{Tenant: "acme", Number: second, Reputation: line.AtRisk, ReputationAt: now, Change: 2},
	}
	if err := f.Sync(ctx, feed); err != nil {
		fmt.Println(err)
		return
	}
	lines, err := f.Lines(ctx, "acme")
	for _, l := range lines {
		fmt.Println(l.Number, l.Status, l.Reputation)
	}
	fmt.Println(err)
	// Output:
	// +14155550100 FLAGGED HEALTHY
	// +14155550101 ACTIVE AT_RISK
	// <nil>
}

// A view is the lines of a tenant at one moment, and does not change.
func ExampleView() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	view, err := fleet.NewView([]line.Line{
		{Number: recipients.MustParse("+14155550100"), Status: line.Flagged},
		{Number: recipients.MustParse("+14155550101")},
	}, fleet.ViewOptions{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	for l := range view.All() {
		fmt.Println(l.Number, l.CanContinue())
	}
	// Output:
	// +14155550100 false
	// +14155550101 true
}
