package line_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
)

var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// drawState draws what one event may say: few times, so that ties are common.
func drawState(t *rapid.T) line.State {
	at := func() time.Time { return epoch.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Second) }
	var s line.State
	if said := rapid.IntRange(1, 7).Draw(t, "said"); said&1 != 0 {
		s.Status, s.StatusAt = line.Status(rapid.IntRange(1, 2).Draw(t, "status")), at()
	} else if said&2 != 0 {
		s.Reputation, s.ReputationAt = line.Reputation(rapid.IntRange(1, 3).Draw(t, "reputation")), at()
	} else {
		s.Ownership, s.OwnershipAt = line.Ownership(rapid.IntRange(1, 2).Draw(t, "ownership")), at()
	}
	return s
}

// facts are what law 17 is about: the time of a recovery has its own.
func facts(s line.State) line.State {
	s.RecoveredAt = time.Time{}
	return s
}

func mergeAll(states []line.State) line.State {
	var all line.State
	for _, s := range states {
		all, _ = all.Merge(s)
	}
	return all
}

// The state of a line does not depend on the order, the number or the grouping
// in which events arrive.
func TestStateDoesNotDependOnArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(drawState), 1, 8).Draw(t, "events")
		want := mergeAll(events)

		order := rapid.Permutation(events).Draw(t, "order")
		require.Equal(t, facts(want), facts(mergeAll(order)), "order")

		again := append(order, rapid.SliceOf(rapid.SampledFrom(events)).Draw(t, "repeated")...)
		require.Equal(t, facts(want), facts(mergeAll(again)), "number")

		cut := rapid.IntRange(0, len(order)).Draw(t, "cut")
		grouped, _ := mergeAll(order[:cut]).Merge(mergeAll(order[cut:]))
		require.Equal(t, facts(want), facts(grouped), "grouping")
	})
}

// Every order of every list of three events, out of all that are possible at
// two times, comes to the same state.
func TestStateInEveryOrder(t *testing.T) {
	var events []line.State
	for seconds := range 2 {
		at := epoch.Add(time.Duration(seconds) * time.Second)
		for v := range 3 {
			if v < 2 {
				events = append(events, line.State{Status: line.Status(v + 1), StatusAt: at}, line.State{Ownership: line.Ownership(v + 1), OwnershipAt: at})
			}
			events = append(events, line.State{Reputation: line.Reputation(v + 1), ReputationAt: at},
				line.State{Status: line.Flagged, StatusAt: at, Reputation: line.Reputation(v + 1), ReputationAt: at})
		}
	}
	for _, a := range events {
		for _, b := range events {
			for _, c := range events {
				want := mergeAll([]line.State{a, b, c})
				for _, order := range [][]line.State{{a, c, b}, {b, a, c}, {b, c, a}, {c, a, b}, {c, b, a}} {
					require.Equal(t, facts(want), facts(mergeAll(order)))
				}
			}
		}
	}
}

// A line has recovered at the first activation after its last flag. However its
// events arrive it is known not to have recovered before, and to have where it
// is active after a flag; told in order the time is exact, and what is told
// again makes it exact.
func TestRecovery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []line.State
		flagged, recovered := time.Time{}, time.Time{}
		for i := range rapid.IntRange(1, 6).Draw(t, "events") {
			at := epoch.Add(time.Duration(i) * time.Hour)
			switch rapid.IntRange(0, 2).Draw(t, "event") {
			case 0:
				events = append(events, line.State{Status: line.Flagged, StatusAt: at})
				flagged, recovered = at, time.Time{}
			case 1:
				events = append(events, line.State{Status: line.Active, StatusAt: at})
				if recovered.IsZero() && !flagged.IsZero() {
					recovered = at
				}
			default:
				events = append(events, line.State{Reputation: line.AtRisk, ReputationAt: at})
			}
		}
		inOrder := mergeAll(events)
		require.Equal(t, flagged, inOrder.FlaggedAt)
		require.Equal(t, recovered, inOrder.RecoveredAt)

		other := mergeAll(rapid.Permutation(events).Draw(t, "order"))
		require.Equal(t, flagged, other.FlaggedAt)
		require.Equal(t, recovered.IsZero(), other.RecoveredAt.IsZero())
		require.False(t, other.RecoveredAt.Before(recovered))
		require.False(t, other.RecoveredAt.After(latestActive(events)))
		for _, again := range events {
			other, _ = other.Merge(again)
		}
		require.Equal(t, inOrder, other)
	})
}

func latestActive(events []line.State) (at time.Time) {
	for _, e := range events {
		if e.Status == line.Active && e.StatusAt.After(at) {
			at = e.StatusAt
		}
	}
	return at
}

func TestMergeTakesTheLaterAndThenTheWorse(t *testing.T) {
	kept := line.State{Status: line.Active, StatusAt: epoch.Add(time.Second), Reputation: line.AtRisk, ReputationAt: epoch, Change: 7}
	for name, c := range map[string]struct {
		says    line.State
		want    line.State
		changed bool
	}{
		"an older flag":          {line.State{Status: line.Flagged, StatusAt: epoch}, with(kept, func(s *line.State) { s.FlaggedAt, s.RecoveredAt = epoch, kept.StatusAt }), false},
		"a status at the time":   {line.State{Status: line.Flagged, StatusAt: kept.StatusAt}, with(kept, func(s *line.State) { s.Status, s.FlaggedAt = line.Flagged, kept.StatusAt }), true},
		"a better one at it":     {line.State{Reputation: line.Healthy, ReputationAt: epoch}, kept, false},
		"the same value, later":  {line.State{Status: line.Active, StatusAt: epoch.Add(time.Hour)}, with(kept, func(s *line.State) { s.StatusAt = epoch.Add(time.Hour) }), false},
		"one half, between both": {line.State{Reputation: line.Critical, ReputationAt: epoch.Add(1)}, with(kept, func(s *line.State) { s.Reputation, s.ReputationAt = line.Critical, epoch.Add(1) }), true},
		"what was never said":    {line.State{Ownership: line.Released, OwnershipAt: epoch.Add(-time.Hour)}, with(kept, func(s *line.State) { s.Ownership, s.OwnershipAt = line.Released, epoch.Add(-time.Hour) }), true},
		"nothing":                {line.State{}, kept, false},
	} {
		got, changed := kept.Merge(c.says)
		require.Equal(t, c.want, got, name)
		require.Equal(t, c.changed, changed, name)
	}
}

func with(s line.State, change func(*line.State)) line.State {
	change(&s)
	return s
}
