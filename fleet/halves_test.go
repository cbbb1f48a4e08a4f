package fleet

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// An event may say a status or a reputation alone. This file has the laws of
// such halves; TestFleetIsItsModel draws them as well.

// healthOf returns what the fleet says of a line of acme.
func healthOf(t require.TestingT, f *Fleet, n recipients.Handle) line.State {
	v, err := f.Lines(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, there := v.Line(n)
	require.True(t, there)
	return line.State{Status: l.Status, Reputation: l.Reputation, ChangedAt: l.ChangedAt}
}

// TestProcessesAgree lets processes hear events, each some of them, write them
// to the store that they share, and poll it now and then. Whatever the order,
// those that have polled say the same: what the store keeps, and where that says
// nothing, what their file says.
func TestProcessesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number, store := handle("+14157770000"), newMemorySource()
		file := line.Line{Number: number, Status: line.Status(rapid.IntRange(0, 2).Draw(t, "status of the file")), Reputation: line.Reputation(rapid.IntRange(0, 3).Draw(t, "reputation of the file"))}
		fleets := make([]*Fleet, 3)
		for i := range fleets {
			var err error
			fleets[i], err = New(Options{Clock: fixedClock{epoch}})
			require.NoError(t, err)
			require.NoError(t, fleets[i].SetLines("acme", []line.Line{file}))
		}
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			f := rapid.SampledFrom(fleets).Draw(t, "process")
			if rapid.IntRange(0, 3).Draw(t, "poll") == 0 {
				require.NoError(t, f.Sync(context.Background(), store))
				continue
			}
			e := Event{Type: StatusUpdated, Number: number, ChangedAt: epoch.Add(time.Duration(rapid.IntRange(0, 6000).Draw(t, "nanoseconds")))}
			if says := rapid.IntRange(1, 3).Draw(t, "says"); says != 1 {
				e.Reputation = line.Reputation(rapid.IntRange(1, 3).Draw(t, "reputation"))
				if says == 3 {
					e.Status = line.Status(rapid.IntRange(1, 2).Draw(t, "status"))
				}
			} else {
				e.Status = line.Status(rapid.IntRange(1, 2).Draw(t, "status"))
			}
			s, err := f.StateOf(e)
			require.NoError(t, err)
			store.report(s)
			_, err = f.ReportLine(context.Background(), e)
			require.NoError(t, err)
		}
		kept := store.states[keyOf("acme", number)]
		for i, f := range fleets {
			require.NoError(t, f.Sync(context.Background(), store))
			require.Equal(t, line.State{
				Status: cmp.Or(kept.Status, file.Status, line.Active), Reputation: cmp.Or(kept.Reputation, file.Reputation, line.Healthy), ChangedAt: kept.ChangedAt,
			}, healthOf(t, f, number), "process %d", i)
		}
	})
}

// What was never learned is as the file has it, also when the file changes, and
// what was learned stays.
func TestHalvesThatWereNeverLearned(t *testing.T) {
	number := handle("+14157770000")
	for _, dated := range []bool{false, true} {
		f := newFleet(t, Options{Clock: fixedClock{epoch}}, line.Line{Number: number, Reputation: line.AtRisk})
		says := func(status line.Status, reputation line.Reputation) {
			require.Equal(t, []any{status, reputation}, []any{healthOf(t, f, number).Status, healthOf(t, f, number).Reputation})
		}
		_, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Flagged, ChangedAt: epoch})
		require.NoError(t, err)
		says(line.Flagged, line.AtRisk)
		require.NoError(t, f.PutLine("acme", line.Line{Number: number, Reputation: line.Critical}))
		says(line.Flagged, line.Critical)
		f.Full("acme", number, epoch.Add(time.Hour)) // something else about the line changes
		says(line.Flagged, line.Critical)
		require.NoError(t, f.RemoveLine("acme", number))
		require.NoError(t, f.SetLines("acme", []line.Line{{Number: number}}))
		says(line.Flagged, line.Healthy)

		// The store knows more than this process, or less.
		store := newMemorySource()
		known := line.State{Tenant: "acme", Number: number, Status: line.Active, ChangedAt: epoch.Add(time.Second)}
		if dated {
			known.Reputation = line.Critical
		}
		store.report(known)
		require.NoError(t, f.Sync(context.Background(), store))
		says(line.Active, max(known.Reputation, line.Healthy))
	}
}

// A delivery tells of a status alone, whatever was learned of the reputation.
func TestFlaggedByADelivery(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock{epoch}}, line.Line{Number: number})
	_, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Reputation: line.AtRisk, ChangedAt: epoch.Add(-time.Second)})
	require.NoError(t, err)
	require.NoError(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: number, Kind: LineFlagged}))
	require.Equal(t, line.State{Status: line.Flagged, Reputation: line.AtRisk, ChangedAt: epoch}, healthOf(t, f, number), "no time means now")

	// No delivery makes a line deaf to what comes after it.
	for _, at := range []time.Time{epoch.Add(5*time.Minute + time.Microsecond), epoch.AddDate(20, 0, 0)} {
		require.ErrorIs(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: number, Kind: LineFlagged, At: at}), ErrAhead)
		require.NoError(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: number, Kind: Sent, At: at}), "nothing is learned of it")
	}
	require.ErrorIs(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: number, Kind: LineFlagged, At: time.Unix(-1, 0)}), ErrEvent)
	applied, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Active, ChangedAt: epoch.Add(time.Microsecond)})
	require.NoError(t, err)
	require.True(t, applied)
}

// An event that cannot be one is an error, and nothing is learned.
func TestEventsThatAreNone(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock{epoch}}, line.Line{Number: number})
	for i, e := range []Event{
		{ChangedAt: epoch},
		{Status: 3, ChangedAt: epoch},
		{Reputation: 4, ChangedAt: epoch},
		{Status: line.Flagged},
		{Status: line.Flagged, ChangedAt: time.Unix(-1, 0)},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			e.Type, e.Number = StatusUpdated, number
			_, err := f.ReportLine(context.Background(), e)
			require.ErrorIs(t, err, ErrEvent)
			_, err = f.StateOf(e)
			require.ErrorIs(t, err, ErrEvent)
			require.Equal(t, line.State{Status: line.Active, Reputation: line.Healthy}, healthOf(t, f, number))
		})
	}
	applied, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Flagged, ChangedAt: time.Unix(0, 0)})
	require.NoError(t, err)
	require.True(t, applied, "1970 is not before 1970")
}
