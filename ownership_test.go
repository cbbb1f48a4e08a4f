package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store/memory"
)

// A released number is out of use over any number of starts whose file names it
// all along, and over those whose file does not; the first one that names it
// again brings it back.
func TestReleasedUntilNamedAgain(t *testing.T) {
	chats := memory.New(memory.Options{})
	start := func(named ...line.Line) *fromline.Router {
		lines, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, lines.SetLines("acme", named))
		require.NoError(t, lines.Sync(t.Context(), chats))
		router, err := fromline.New(chats, lines, fromline.Options{})
		require.NoError(t, err)
		require.NoError(t, router.Named(t.Context(), "acme", named))
		return router
	}
	usable := func(router *fromline.Router) bool {
		lines, err := router.Lines(t.Context(), "acme")
		require.NoError(t, err)
		for _, l := range lines {
			if l.Number == dc {
				return l.CanContinue()
			}
		}
		return false
	}
	ours, other := line.Line{Number: dc}, line.Line{Number: boston}

	first := start(ours, other)
	require.True(t, usable(first))
	applied, err := first.ReportLine(t.Context(), fleet.Event{Type: fleet.NumberReleased, Number: dc, ChangedAt: time.Now().Add(time.Minute)})
	require.NoError(t, err)
	require.True(t, applied)
	require.False(t, usable(first))
	require.False(t, usable(start(ours, other)), "the file was not brought up to date")
	require.False(t, usable(start(ours, other)))
	require.False(t, usable(start(other)))
	require.False(t, usable(start(other)))
	again := start(ours, other)
	require.True(t, usable(again), "named again, also where the clock of the release was ahead")
	require.True(t, usable(start(ours, other)))
	_, err = again.ReportLine(t.Context(), fleet.Event{Type: fleet.NumberReleased, Number: dc, ChangedAt: time.Now().Add(3 * time.Minute)})
	require.NoError(t, err)
	require.False(t, usable(again), "released once more")
}

// A number that is assigned to us and that no fleet has is told, and becomes a
// line where the options say with which defaults: in every process, and after a
// restart.
func TestAssignedNumbers(t *testing.T) {
	chats := memory.New(memory.Options{})
	process := func(assigned *line.Line) (*fleet.Fleet, *fromline.Router) {
		lines, err := fleet.New(fleet.Options{Assigned: assigned})
		require.NoError(t, err)
		require.NoError(t, lines.SetLines("acme", []line.Line{{Number: boston}}))
		require.NoError(t, lines.Sync(t.Context(), chats))
		router, err := fromline.New(chats, lines, fromline.Options{})
		require.NoError(t, err)
		return lines, router
	}
	defaults := &line.Line{Label: "new", Limits: line.Limits{NewChatsPerDay: 7}}
	known := func(router *fromline.Router) (line.Line, bool) {
		lines, err := router.Lines(t.Context(), "acme")
		require.NoError(t, err)
		for _, l := range lines {
			if l.Number == dc {
				return l, true
			}
		}
		return line.Line{}, false
	}
	_, without := process(nil)
	_, with := process(defaults)
	follower, following := process(defaults)

	e := fleet.Event{Type: fleet.NumberAssigned, Tenant: "acme", Number: dc, ChangedAt: time.Now()}
	receipt, err := without.Acknowledge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, fromline.UnknownLine, receipt.Reason)
	_, there := known(without)
	require.False(t, there)

	e.ChangedAt = e.ChangedAt.Add(time.Second)
	receipt, err = with.Acknowledge(t.Context(), e)
	require.NoError(t, err)
	require.True(t, receipt.Applied)
	l, there := known(with)
	require.True(t, there)
	require.Equal(t, []any{"new", 7, true}, []any{l.Label, l.Limits.NewChatsPerDay, l.CanContinue()})
	require.NotEmpty(t, l.ID)

	require.NoError(t, follower.Sync(t.Context(), chats))
	same, there := known(following)
	require.True(t, there, "another process")
	require.Equal(t, l.ID, same.ID)
	_, restarted := process(defaults)
	_, there = known(restarted)
	require.True(t, there, "after a restart")

	// It is a line like any other: released, it is out of use.
	_, err = with.ReportLine(t.Context(), fleet.Event{Type: fleet.NumberReleased, Tenant: "acme", Number: dc, ChangedAt: e.ChangedAt.Add(time.Second)})
	require.NoError(t, err)
	l, _ = known(with)
	require.False(t, l.CanContinue())

	// What is another tenant's, or no tenant's, is never taken over.
	for _, other := range []fleet.Event{
		{Type: fleet.NumberAssigned, Tenant: "nobody", Number: dallas, ChangedAt: time.Now()},
		{Type: fleet.NumberAssigned, Number: dallas, ChangedAt: time.Now()},
	} {
		receipt, err := with.Acknowledge(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, fromline.UnknownLine, receipt.Reason)
	}
}
