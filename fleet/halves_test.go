package fleet

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// An event may say a status or a reputation alone. This file has the laws of
// such halves; TestFleetIsItsModel draws them as well.

// healthOf returns what the fleet says of a line of acme.
func healthOf(t require.TestingT, f *Fleet, n recipients.Handle) State {
	v, err := f.Lines(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, there := v.Line(n)
	require.True(t, there)
	return State{Status: l.Status, Reputation: l.Reputation, ChangedAt: l.ChangedAt}
}

// TestProcessesAgree lets processes hear events, each some of them, write them
// to the store that they share, and poll it now and then. Whatever the order,
// those that have polled say the same: what the store keeps, and where that says
// nothing, what their file says.
func TestProcessesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, store := handle("+14157770000"), newMemorySource()
		file := Line{Number: line, Status: Status(rapid.IntRange(0, 2).Draw(t, "status of the file")), Reputation: Reputation(rapid.IntRange(0, 3).Draw(t, "reputation of the file"))}
		fleets := make([]*Fleet, 3)
		for i := range fleets {
			var err error
			fleets[i], err = New(Options{Clock: fixedClock{epoch}})
			require.NoError(t, err)
			require.NoError(t, fleets[i].SetLines("acme", []Line{file}))
		}
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			f := rapid.SampledFrom(fleets).Draw(t, "process")
			if rapid.IntRange(0, 3).Draw(t, "poll") == 0 {
				require.NoError(t, f.Sync(context.Background(), store))
				continue
			}
			e := Event{Type: StatusUpdated, Number: line, ChangedAt: epoch.Add(time.Duration(rapid.IntRange(0, 6000).Draw(t, "nanoseconds")))}
			if says := rapid.IntRange(1, 3).Draw(t, "says"); says != 1 {
				e.Reputation = Reputation(rapid.IntRange(1, 3).Draw(t, "reputation"))
				if says == 3 {
					e.Status = Status(rapid.IntRange(1, 2).Draw(t, "status"))
				}
			} else {
				e.Status = Status(rapid.IntRange(1, 2).Draw(t, "status"))
			}
			s, err := f.StateOf(e)
			require.NoError(t, err)
			store.report(s)
			_, err = f.ReportLine(context.Background(), e)
			require.NoError(t, err)
		}
		kept := store.states[keyOf("acme", line)]
		for i, f := range fleets {
			require.NoError(t, f.Sync(context.Background(), store))
			require.Equal(t, State{
				Status: cmp.Or(kept.Status, file.Status, Active), Reputation: cmp.Or(kept.Reputation, file.Reputation, Healthy), ChangedAt: kept.ChangedAt,
			}, healthOf(t, f, line), "process %d", i)
		}
	})
}

// What was never learned is as the file has it, also when the file changes, and
// what was learned stays.
func TestHalvesThatWereNeverLearned(t *testing.T) {
	line := handle("+14157770000")
	for _, dated := range []bool{false, true} {
		f := newFleet(t, Options{Clock: fixedClock{epoch}}, Line{Number: line, Reputation: AtRisk})
		says := func(status Status, reputation Reputation) {
			require.Equal(t, []any{status, reputation}, []any{healthOf(t, f, line).Status, healthOf(t, f, line).Reputation})
		}
		_, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: line, Status: Flagged, ChangedAt: epoch})
		require.NoError(t, err)
		says(Flagged, AtRisk)
		require.NoError(t, f.PutLine("acme", Line{Number: line, Reputation: Critical}))
		says(Flagged, Critical)
		f.Full("acme", line, epoch.Add(time.Hour)) // something else about the line changes
		says(Flagged, Critical)
		require.NoError(t, f.RemoveLine("acme", line))
		require.NoError(t, f.SetLines("acme", []Line{{Number: line}}))
		says(Flagged, Healthy)

		// The store knows more than this process, or less.
		store := newMemorySource()
		known := State{Tenant: "acme", Number: line, Status: Active, ChangedAt: epoch.Add(time.Second)}
		if dated {
			known.Reputation = Critical
		}
		store.report(known)
		require.NoError(t, f.Sync(context.Background(), store))
		says(Active, max(known.Reputation, Healthy))
	}
}

// A delivery tells of a status alone, whatever was learned of the reputation.
func TestFlaggedByADelivery(t *testing.T) {
	line := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock{epoch}}, Line{Number: line})
	_, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: line, Reputation: AtRisk, ChangedAt: epoch.Add(-time.Second)})
	require.NoError(t, err)
	require.NoError(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: line, Kind: LineFlagged}))
	require.Equal(t, State{Status: Flagged, Reputation: AtRisk, ChangedAt: epoch}, healthOf(t, f, line), "no time means now")

	// No delivery makes a line deaf to what comes after it.
	for _, at := range []time.Time{epoch.Add(5*time.Minute + time.Microsecond), epoch.AddDate(20, 0, 0)} {
		require.ErrorIs(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: line, Kind: LineFlagged, At: at}), ErrAhead)
		require.NoError(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: line, Kind: Sent, At: at}), "nothing is learned of it")
	}
	require.ErrorIs(t, f.ReportDelivery(context.Background(), "acme", Outcome{Line: line, Kind: LineFlagged, At: time.Unix(-1, 0)}), ErrEvent)
	applied, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: line, Status: Active, ChangedAt: epoch.Add(time.Microsecond)})
	require.NoError(t, err)
	require.True(t, applied)
}

// An event that cannot be one is an error, and nothing is learned.
func TestEventsThatAreNone(t *testing.T) {
	line := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock{epoch}}, Line{Number: line})
	for i, e := range []Event{
		{ChangedAt: epoch},
		{Status: 3, ChangedAt: epoch},
		{Reputation: 4, ChangedAt: epoch},
		{Status: Flagged},
		{Status: Flagged, ChangedAt: time.Unix(-1, 0)},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			e.Type, e.Number = StatusUpdated, line
			_, err := f.ReportLine(context.Background(), e)
			require.ErrorIs(t, err, ErrEvent)
			_, err = f.StateOf(e)
			require.ErrorIs(t, err, ErrEvent)
			require.Equal(t, State{Status: Active, Reputation: Healthy}, healthOf(t, f, line))
		})
	}
	applied, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: line, Status: Flagged, ChangedAt: time.Unix(0, 0)})
	require.NoError(t, err)
	require.True(t, applied, "1970 is not before 1970")
}
