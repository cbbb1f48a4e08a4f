package fleet

import (
	"cmp"
	"context"
	"fmt"
	"strings"
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
func healthOf(t require.TestingT, f *Fleet, n recipients.Handle) health {
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	l, there := v.Line(n)
	require.True(t, there)
	return health{l.Status, l.Reputation, l.ChangedAt}
}

// health is how a line is, and since when.
type health struct {
	status     line.Status
	reputation line.Reputation
	changedAt  time.Time
}

// kept is the health that a state says, and a file where it says nothing.
func kept(s line.State, file line.Line) health {
	return health{cmp.Or(s.Status, file.Status, line.Active), cmp.Or(s.Reputation, file.Reputation, line.Healthy), laterOf(s.StatusAt, s.ReputationAt)}
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// TestProcessesAgree lets processes hear events, each some of them, write them
// to the store that they share, and poll it now and then. Whatever the order,
// those that have polled say the same: what the store keeps, and where that
// says nothing, what their file says.
func TestProcessesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number, store := handle("+14157770000"), newMemorySource()
		file := line.Line{Number: number, Status: line.Status(rapid.IntRange(0, 2).Draw(t, "status of the file")), Reputation: line.Reputation(rapid.IntRange(0, 3).Draw(t, "reputation of the file"))}
		fleets := make([]*Fleet, 3)
		for i := range fleets {
			var err error
			fleets[i], err = New(Options{Clock: fixedClock(epoch)})
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
			s, err := f.StateOf(context.Background(), e)
			require.NoError(t, err)
			store.report(s)
			_, err = f.ReportLine(context.Background(), e)
			require.NoError(t, err)
		}
		stored := store.states[keyOf("acme", number)]
		for i, f := range fleets {
			require.NoError(t, f.Sync(context.Background(), store))
			require.Equal(t, kept(stored, file), healthOf(t, f, number), "process %d", i)
		}
	})
}

// What was never learned is as the file has it, also when the file changes, and
// what was learned stays.
func TestHalvesThatWereNeverLearned(t *testing.T) {
	number := handle("+14157770000")
	for _, dated := range []bool{false, true} {
		f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number, Reputation: line.AtRisk})
		says := func(status line.Status, reputation line.Reputation) {
			require.Equal(t, []any{status, reputation}, []any{healthOf(t, f, number).status, healthOf(t, f, number).reputation})
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
		known := line.State{Tenant: "acme", Number: number, Status: line.Active, StatusAt: epoch.Add(time.Second)}
		if dated {
			known.Reputation, known.ReputationAt = line.Critical, epoch
		}
		store.report(known)
		require.NoError(t, f.Sync(context.Background(), store))
		says(line.Active, max(known.Reputation, line.Healthy))
	}
}

// A delivery tells of a status alone, whatever was learned of the reputation.
func TestFlaggedByADelivery(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
	_, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Reputation: line.AtRisk, ChangedAt: epoch.Add(-time.Second)})
	require.NoError(t, err)
	known, applied, err := f.FlagLine("acme", number, epoch)
	require.NoError(t, err)
	require.True(t, applied)
	require.Equal(t, line.State{Tenant: "acme", Number: number, Status: line.Flagged, StatusAt: epoch, FlaggedAt: epoch, Reputation: line.AtRisk, ReputationAt: epoch.Add(-time.Second)}, known)
	require.Equal(t, health{line.Flagged, line.AtRisk, epoch}, healthOf(t, f, number))

	// Found once more, it changes nothing: not even since when.
	_, applied, err = f.FlagLine("acme", number, epoch.Add(time.Hour))
	require.NoError(t, err)
	require.False(t, applied)
	require.Equal(t, epoch, healthOf(t, f, number).changedAt)
	_, _, err = f.FlagLine("acme", number, time.Unix(0, -1))
	require.ErrorIs(t, err, ErrEvent)
	_, _, err = f.FlagLine("acme", number, time.Unix(0, 0))
	require.NoError(t, err, "1970 is not before 1970")
	for _, tenant := range []string{"nobody", "acme"} {
		_, _, err = f.FlagLine(tenant, handle("+14157770001"), epoch)
		require.ErrorIs(t, err, ErrUnknownNumber)
	}
	applied, err = f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Active, ChangedAt: epoch.Add(time.Microsecond)})
	require.NoError(t, err)
	require.True(t, applied)
}

// An event that cannot be one is an error, and nothing is learned.
func TestEventsThatAreNone(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
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
			require.Equal(t, e.ChangedAt.IsZero(), strings.Contains(err.Error(), "set ChangedAt"))
			_, err = f.StateOf(context.Background(), e)
			require.ErrorIs(t, err, ErrEvent)
			require.Equal(t, health{line.Active, line.Healthy, time.Time{}}, healthOf(t, f, number))
		})
	}
	applied, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Flagged, ChangedAt: time.Unix(0, 0)})
	require.NoError(t, err)
	require.True(t, applied, "1970 is not before 1970")
}

// A delivery that finds its line flagged is later than all that was learned
// before, also if the clock of an event was ahead of ours.
func TestADeliveryIsLaterThanAnEventAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := handle("+14157770000")
		f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
		ahead := epoch.Add(time.Duration(rapid.Int64Range(-3e11, 3e11).Draw(t, "ahead")))
		_, err := f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Active, ChangedAt: ahead})
		require.NoError(t, err)
		found := epoch.Add(time.Duration(rapid.Int64Range(-6e11, 6e11).Draw(t, "found")))
		known, applied, err := f.FlagLine("acme", number, found)
		require.NoError(t, err)
		require.True(t, applied)
		require.Equal(t, laterOf(micros(found), micros(ahead).Add(time.Microsecond)), known.StatusAt)
		require.Equal(t, line.Flagged, healthOf(t, f, number).status)
		_, err = f.ReportLine(context.Background(), Event{Type: StatusUpdated, Number: number, Status: line.Active, ChangedAt: ahead})
		require.NoError(t, err)
		require.Equal(t, line.Flagged, healthOf(t, f, number).status, "the event again changes nothing")
	})
}

// A released number neither opens nor continues chats, until it is assigned.
func TestReleasedNumbers(t *testing.T) {
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
	says := func(kind string, after time.Duration, applies, usable bool) {
		applied, err := f.ReportLine(context.Background(), Event{Type: kind, Number: number, ChangedAt: epoch.Add(after)})
		require.NoError(t, err)
		require.Equal(t, applies, applied)
		v, err := f.View(context.Background(), "acme", epoch)
		require.NoError(t, err)
		l, _ := v.Line(number)
		require.Equal(t, usable, l.CanContinue())
		_, found := v.Best(toOne(1))
		require.Equal(t, usable, found)
	}
	says(NumberReleased, 0, true, false)
	says(NumberAssigned, -time.Second, false, false)
	says(NumberAssigned, 0, false, false) // at the same time the worse one holds
	require.NoError(t, f.PutLine("acme", line.Line{Number: number, Label: "autumn"}))
	says(NumberReleased, time.Second, false, false)
	says(NumberAssigned, 2*time.Second, true, true)
}
