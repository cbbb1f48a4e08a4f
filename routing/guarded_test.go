package routing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// A trace tells what a guard makes of a line, and nothing if there is none.
func TestGuardedLine(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	l := line.Line{Number: recipients.MustParse("+14155550100"), StartedAt: at.Add(-30 * time.Hour), NewChats: 3, Failovers: 1, PacedAt: at.Add(5 * time.Minute)}
	l.Limits.NewChatsPerDay = 50
	view, err := fleet.NewView([]line.Line{l}, fleet.ViewOptions{Guard: line.Careful(), At: at})
	require.NoError(t, err)
	day := 1
	step := line.Careful().Pace(50, 12).Step
	require.Equal(t, &GuardedLine{Allowance: 12, Day: &day, Failovers: 1, FailoverLimit: 3, Slot: l.PacedAt.Add(-2 * step)}, guardedLine(view, l.Number))
	trace := Trace{Branch: store.NewBestNumber, Picked: &LineScore{Line: l.Number, Guarded: guardedLine(view, l.Number)}}
	require.Contains(t, trace.String(), "(may open 12 on day 1 of its ramp, took 1 of 3 failovers, its slot is at "+trace.Picked.Guarded.Slot.Format(time.RFC3339)+")")
	slot := l.PacedAt.Format(time.RFC3339)
	bare, err := fleet.NewView([]line.Line{l}, fleet.ViewOptions{At: at})
	require.NoError(t, err)
	require.Nil(t, guardedLine(bare, l.Number))

	// Each part of a guard makes something of a line, and each is told.
	for words, guard := range map[string]line.Guard{
		"may open 50, took 1 failovers":                         {},
		"may open 50, took 1 of 10 failovers":                   {FailoverShare: 20},
		"may open 10 on day 1 of its ramp, took 1 failovers":    {RampDays: 100, RampStart: 20},
		"may open 50, took 1 failovers, its slot is at " + slot: {Gap: 5 * time.Minute, Burst: 1},
	} {
		view, err := fleet.NewView([]line.Line{l}, fleet.ViewOptions{Guard: guard, At: at})
		require.NoError(t, err)
		g := guardedLine(view, l.Number)
		if guard == (line.Guard{}) {
			require.Nil(t, g)
			continue
		}
		require.Equal(t, words, g.String())
	}
}
