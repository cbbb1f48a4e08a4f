package sim

import (
	"context"
	"slices"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// unfoldedTable makes a Router decide without the use of lines after it refused a
// pick: the view that it then gives says that it knows all use, and knows none.
type unfoldedTable struct {
	LineHealth
	refused bool
}

func unfolded(inner LineHealth) LineHealth { return &unfoldedTable{LineHealth: inner} }

func (u *unfoldedTable) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	u.refused = !u.LineHealth.Reserve(tenant, at, q, line)
	return !u.refused
}

func (u *unfoldedTable) Lines(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	view, err := u.LineHealth.Lines(ctx, tenant, at)
	if u.refused {
		u.refused = false
		view = fleet.NewView(slices.Collect(view.All()), fleet.ViewOptions{At: at, UseKnown: true})
	}
	return view, err
}

// standingTable gives views of the time when the world began, as a Router took
// those of no time for ones of 1970: what a line opened never leaves its window.
type standingTable struct{ LineHealth }

func standingStill(inner LineHealth) LineHealth { return standingTable{inner} }

func (s standingTable) Lines(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	view, err := s.LineHealth.Lines(ctx, tenant, at)
	return fleet.NewView(slices.Collect(view.All()), fleet.ViewOptions{At: noon}), err
}

// insistingTable makes a Router try a pick until it is not refused.
type insistingTable struct{ LineHealth }

func insisting(inner LineHealth) LineHealth { return insistingTable{inner} }

func (i insistingTable) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	for !i.LineHealth.Reserve(tenant, at, q, line) {
		// The host refuses it as often as it likes.
	}
	return true
}
