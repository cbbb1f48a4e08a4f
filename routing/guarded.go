package routing

import (
	"time"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
)

// GuardedLine is what the guard of the fleet makes of a line (docs/rules.md
// §10a).
type GuardedLine struct {
	Allowance     int       `json:"allowance,omitzero"`      // of new chats in its window; 0 for any number
	Day           *int      `json:"day,omitzero"`            // of its ramp; nil for a grown line
	Failovers     int       `json:"failovers"`               // taken in its window
	FailoverLimit int       `json:"failover_limit,omitzero"` // 0 for any number
	Slot          time.Time `json:"slot,omitzero"`           // from when on its pace lets it open a chat
}

// guardedLine returns what the guard makes of a line, nil where it makes nothing
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
