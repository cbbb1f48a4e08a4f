package fleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A line that a commit found full is as one that was given so, in either form
// of a view, and the view it was derived from stays as it was.
func TestWithFull(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	full, other := recipients.MustParse("+12025550161"), recipients.MustParse("+12025550162")
	lines := []line.Line{{Number: full, Limits: line.Limits{NewChatsPerDay: 3}}, {Number: other, Status: line.Flagged}}
	to, err := recipients.NewSet(recipients.MustParse("+12025550143"))
	require.NoError(t, err)
	q := fleet.Query{Recipients: to}

	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", lines))
	indexed, err := f.View(t.Context(), "acme", at)
	require.NoError(t, err)

	for name, view := range map[string]fleet.View{"table": fleet.NewView(lines, fleet.ViewOptions{At: at}), "index": indexed} {
		t.Run(name, func(t *testing.T) {
			for _, until := range []time.Time{at.Add(time.Hour), at, at.Add(-time.Hour)} {
				v := view.WithFull(full, until)
				_, found := v.Best(q)
				require.False(t, found)
				want := fleet.Counts{NewChatLimit: 1, Flagged: 1}
				if until.After(at) {
					want.NextFree = until
				}
				require.Equal(t, want, v.PassedOver(q))
				require.Equal(t, view.KnowsUse(), v.KnowsUse())
				require.Equal(t, view.At(), v.At())
				require.Equal(t, 2, v.Len())
			}
			pick, found := view.Best(q)
			require.True(t, found)
			require.Equal(t, full, pick.Line.Number)
			require.Equal(t, view, view.WithFull(recipients.MustParse("+13105550199"), at))
			require.Equal(t, fleet.Counts{Flagged: 2}, fleet.NewView([]line.Line{{Number: full, Status: line.Flagged}, lines[1]},
				fleet.ViewOptions{At: at}).WithFull(full, at.Add(time.Hour)).PassedOver(q))
		})
	}
	require.Zero(t, fleet.View{}.WithFull(full, at))
}
