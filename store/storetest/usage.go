package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// follow reads all uses that changed after a number, page by page.
func (w *world) follow(after line.Change, limit int) (uses []line.Use, last line.Change) {
	w.Helper()
	return follow(w, w.Store.(store.UsageReader), after, limit)
}

func follow(t require.TestingT, s store.UsageReader, after line.Change, limit int) (uses []line.Use, last line.Change) {
	for {
		page, next, err := s.LineUse(background, after, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), limit)
		for _, u := range page {
			require.Greater(t, u.Change, after, "out of order")
			after = u.Change
		}
		require.Equal(t, after, next)
		uses = append(uses, page...)
		if len(page) < limit {
			return uses, after
		}
	}
}

// stateOf returns a state of one of acme's lines.
func stateOf(row int, status line.Status, at time.Time) line.State {
	return line.State{Tenant: acme, Number: number(row), Status: status, Reputation: line.Healthy, ChangedAt: at}
}

var usageClauses = []Clause{
	{
		Name: "usage/of all lines, by change",
		Says: []string{
			"LineUse returns, over all tenants, the use of lines that changed after a change number (zero: of all lines), in order of change, at most limit, and the number to go on from.",
			"Change numbers follow the order of commits: a use once passed over is never changed under an older number.",
			"New chats are exact",
		},
		Needs: []Power{UsageReader},
		check: func(w *world) {
			_, start := w.follow(0, 3)
			for i := range 5 {
				w.open(people(i), number(i), noon.Add(time.Duration(i)*time.Hour))
			}
			w.tenant = "another tenant"
			w.open(people(1), number(1), noon)
			w.tenant = acme
			w.open(people(9), number(2), noon.Add(3*time.Hour))
			for _, limit := range []int{1, 2, 3, 6, 1000} {
				uses, last := w.follow(start, limit)
				count := make(map[string]int)
				for _, u := range uses {
					count[u.Tenant+u.Number.String()] += u.Window(u.Hour)
				}
				require.Len(w, uses, 6)
				require.Equal(w, map[string]int{
					acme + number(0).String(): 1, acme + number(1).String(): 1, acme + number(2).String(): 2,
					acme + number(3).String(): 1, acme + number(4).String(): 1, "another tenant" + number(1).String(): 1,
				}, count)
				again, end := w.follow(last, limit)
				require.Empty(w, again)
				require.Equal(w, last, end)
			}
			w.settle()
			_, last := w.follow(0, 1000)
			w.open(people(1), number(1), noon.Add(time.Hour))
			w.settle()
			uses, end := w.follow(last, 1000)
			require.Len(w, uses, 1)
			require.Greater(w, end, last)
			require.Equal(w, w.uses(number(1)), []line.Use{hard(uses[0])})
			require.EqualValues(w, 2, uses[0].NewChats[0])
		},
	},
	{
		Name:  "usage/the same as in a look-up",
		Says:  []string{"New chats are exact", "Uses holds the use of each line of the query that has any"},
		Needs: []Power{UsageReader},
		check: func(w *world) {
			_, start := w.follow(0, 100)
			var lines []recipients.Handle
			for i := range 4 {
				lines = append(lines, number(i))
				for j := range i + 1 {
					w.open(people(10*i+j), number(i), noon.Add(time.Duration(j)*time.Hour))
				}
			}
			w.settle()
			uses, _ := w.follow(start, 100)
			looked := w.lookup(store.Query{Lines: lines}).Uses
			require.Len(w, looked, len(lines))
			require.Equal(w, useByLine(looked), useByLine(uses))
		},
	},
	{
		Name:  "usage/messages come through",
		Says:  []string{"messages may be a second late"},
		Needs: []Power{UsageReader},
		check: func(w *world) {
			id := w.open(people(1), number(1), noon)
			w.settle()
			_, last := w.follow(0, 100)
			w.apply(store.Activity{Chat: id, At: noon, Messages: 41})
			w.settle()
			uses, _ := w.follow(last, 100)
			require.Len(w, uses, 1)
			require.EqualValues(w, 42, uses[0].Messages[0])
		},
	},
}

var stateClauses = []Clause{
	{
		Name: "states/the newest wins",
		Says: []string{
			"ReportLine keeps the state of a line if it is newer than the one kept, by ChangedAt, and says whether it did.",
			"The number of the change is the store's to assign; what the argument holds there is ignored.",
		},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			_, start := w.states(0, 10)
			var want line.State
			for _, c := range []struct {
				status  line.Status
				at      time.Duration
				applies bool
			}{
				{line.Flagged, time.Hour, true},
				{line.Active, 0, false},
				{line.Active, time.Hour, false},
				{line.Active, time.Hour + 999, false}, // cut to the microsecond, the same time
				{line.Active, time.Hour + time.Microsecond, true},
				{line.Flagged, time.Hour, false},
				{line.Flagged, 2 * time.Hour, true},
			} {
				state := stateOf(1, c.status, noon.Add(c.at).In(time.FixedZone("", 3600)))
				state.Reputation, state.Change = line.Critical, 1<<60
				applied, err := s.ReportLine(background, state)
				require.NoError(w, err)
				require.Equal(w, c.applies, applied)
				if applied {
					want = state
					want.ChangedAt = store.Micros(state.ChangedAt)
				}
				states, _ := w.states(start, 10)
				require.Len(w, states, 1)
				want.Change = states[0].Change
				require.Less(w, want.Change, line.Change(1<<60))
				require.Equal(w, want, states[0])
			}
		},
	},
	{
		Name: "states/what is not said stays",
		Says: []string{
			"A status or reputation that the state does not say, being zero, stays as the kept state has it, and zero where none ever said it; a state that says neither is an error wrapping ErrInvalid.",
		},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			type health struct {
				status     line.Status
				reputation line.Reputation
			}
			for at, steps := range [][]struct {
				says    health
				minutes int
				kept    health
			}{
				{ // two events that each say one half, one of them twice
					{health{line.Flagged, 0}, 1, health{line.Flagged, 0}},
					{health{0, line.Critical}, 2, health{line.Flagged, line.Critical}},
					{health{line.Active, 0}, 3, health{line.Active, line.Critical}},
					{health{0, line.AtRisk}, 3, health{line.Active, line.Critical}}, // not newer: nothing of it
					{health{0, line.AtRisk}, 1, health{line.Active, line.Critical}},
					{health{0, line.AtRisk}, 4, health{line.Active, line.AtRisk}},
				},
				{ // the other half first, and then both
					{health{0, line.Critical}, 1, health{0, line.Critical}},
					{health{0, line.AtRisk}, 2, health{0, line.AtRisk}},
					{health{line.Flagged, line.Healthy}, 3, health{line.Flagged, line.Healthy}},
					{health{0, line.Critical}, 4, health{line.Flagged, line.Critical}},
				},
			} {
				_, start := w.states(0, 10)
				for i, step := range steps {
					said := line.State{
						Tenant: acme, Number: number(at), Status: step.says.status, Reputation: step.says.reputation,
						ChangedAt: noon.Add(time.Duration(step.minutes) * time.Minute),
					}
					_, err := s.ReportLine(background, said)
					require.NoError(w, err)
					states, _ := w.states(start, 10)
					require.Len(w, states, 1)
					require.Equal(w, step.kept, health{states[0].Status, states[0].Reputation}, "line %d, step %d", at, i)
				}
			}
			_, err := s.ReportLine(background, line.State{Tenant: acme, Number: number(1), ChangedAt: noon})
			require.ErrorIs(w, err, store.ErrInvalid)
		},
	},
	{
		Name: "states/of all lines, by change",
		Says: []string{
			"LineStates returns, over all tenants, the states that changed after a change number (zero: all), in order of change, at most limit, and the number to go on from. Numbers follow the order of commits.",
		},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			_, start := w.states(0, 10)
			report := func(tenant string, line int, status line.Status, at time.Time) {
				state := stateOf(line, status, at)
				state.Tenant = tenant
				applied, err := s.ReportLine(background, state)
				require.NoError(w, err)
				require.True(w, applied)
			}
			for i := range 5 {
				report(acme, i, line.Flagged, noon.Add(-time.Duration(i)*time.Hour))
			}
			report("another tenant", 1, line.Active, noon.Add(-24*time.Hour))
			report(acme, 2, line.Active, noon)
			for _, limit := range []int{1, 2, 3, 6, 1000} {
				states, last := w.states(start, limit)
				var got []int
				for _, state := range states {
					got = append(got, int(state.Number.Digits()-number(0).Digits()))
				}
				require.Equal(w, []int{0, 1, 3, 4, 1, 2}, got)
				require.Equal(w, "another tenant", states[4].Tenant)
				require.Equal(w, line.Active, states[5].Status)
				again, end := w.states(last, limit)
				require.Empty(w, again)
				require.Equal(w, last, end)
			}
			_, last := w.states(start, 10)
			applied, err := s.ReportLine(background, stateOf(2, line.Flagged, noon))
			require.NoError(w, err)
			require.False(w, applied)
			states, _ := w.states(last, 10)
			require.Empty(w, states, "a state that was not kept is no change")
		},
	},
}

// states reads all states that changed after a number, page by page.
func (w *world) states(after line.Change, limit int) (states []line.State, last line.Change) {
	w.Helper()
	return followStates(w, w.Store.(store.LineStates), after, limit)
}

func followStates(t require.TestingT, s store.LineStates, after line.Change, limit int) (states []line.State, last line.Change) {
	for {
		page, next, err := s.LineStates(background, after, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), limit)
		for _, s := range page {
			require.Greater(t, s.Change, after, "out of order")
			after = s.Change
		}
		require.Equal(t, after, next)
		states = append(states, page...)
		if len(page) < limit {
			return states, after
		}
	}
}
