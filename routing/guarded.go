package routing

import (
	"fmt"
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// GuardedLine is what the guard of the fleet allows a line (docs/rules.md
// §10a).
type GuardedLine struct {
	Allowance     int       `json:"allowance,omitzero"`      // of new chats in its window; 0 for any number
	Day           *int      `json:"day,omitzero"`            // of its ramp; nil for a grown line
	Failovers     int       `json:"failovers"`               // taken in its window
	FailoverLimit int       `json:"failover_limit,omitzero"` // 0 for any number
	Slot          time.Time `json:"slot,omitzero"`           // from when on its pace lets it open a chat
}

// String describes it for people.
func (g *GuardedLine) String() string {
	words := "may open any number"
	if g.Allowance > 0 {
		words = fmt.Sprintf("may open %d", g.Allowance)
	}
	if g.Day != nil {
		words += fmt.Sprintf(" on day %d of its ramp", *g.Day)
	}
	if words += fmt.Sprintf(", took %d", g.Failovers); g.FailoverLimit > 0 {
		words += fmt.Sprintf(" of %d", g.FailoverLimit)
	}
	words += " failovers"
	if !g.Slot.IsZero() {
		words += ", its slot is at " + g.Slot.UTC().Format(time.RFC3339)
	}
	return words
}

// guardedLine returns what the guard makes of a line, nil if it makes nothing
// of it.
func guardedLine(view fleet.View, n recipients.Handle) *GuardedLine {
	line := view.Find(n)
	day, young := line.Day()
	if !young && line.Pace().IsZero() && line.FailoverLimit() == 0 {
		return nil
	}
	g := &GuardedLine{Allowance: line.Allowance(), Failovers: line.Failovers(), FailoverLimit: line.FailoverLimit(), Slot: line.Slot()}
	if young {
		g.Day = &day
	}
	return g
}
