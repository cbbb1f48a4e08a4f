package storetest

import (
	"math"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// follow reads all uses that changed after a change number, page by page.
func (w *world) follow(after line.Change, limit int) (uses []line.Use, last line.Change) {
	w.Helper()
	return follow(w, w.Store.(store.UseReader), after, limit)
}

func follow(t require.TestingT, s store.UseReader, after line.Change, limit int) (uses []line.Use, last line.Change) {
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
	return line.State{Tenant: acme, Number: number(row), Status: status, Reputation: line.Healthy, StatusAt: at, ReputationAt: at}
}

// in returns a time in a zone, but the zero time as it is.
func in(zone *time.Location, t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// drawFacts draws the facts of an event, at few times, so that many are equal.
func drawFacts(t *rapid.T) line.State {
	at := noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "at")) * time.Second)
	var s line.State
	says := rapid.IntRange(1, 7).Draw(t, "says")
	if says&1 != 0 {
		s.Status, s.StatusAt = line.Status(rapid.IntRange(1, 2).Draw(t, "status")), at
	}
	if says&2 != 0 {
		s.Reputation, s.ReputationAt = line.Reputation(rapid.IntRange(1, 3).Draw(t, "reputation")), at
	}
	if says&4 != 0 {
		s.Ownership, s.OwnershipAt = line.Ownership(rapid.IntRange(1, 3).Draw(t, "ownership")), at
	}
	return s
}

// permute calls f with every order of the numbers below n.
func permute(n int, f func(order []int)) {
	order := make([]int, 0, n)
	var extend func()
	extend = func() {
		if len(order) == n {
			f(order)
		}
		for i := range n {
			if !slices.Contains(order, i) {
				order = append(order, i)
				extend()
				order = order[:len(order)-1]
			}
		}
	}
	extend()
}

var usageClauses = []Clause{
	{
		Name:  "usage/of all lines, by change",
		IDs:   []string{"use.changes"},
		Needs: []Power{UseReader},
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
		Name:  "usage/messages come through",
		IDs:   []string{"use.exact"},
		Needs: []Power{UseReader},
		check: func(w *world) {
			id := w.open(people(1), number(1), noon)
			w.settle()
			_, last := w.follow(0, 100)
			w.apply(store.Activity{Chat: id, At: noon, Messages: 41})
			w.settle()
			uses, last := w.follow(last, 100)
			require.Len(w, uses, 1)
			require.EqualValues(w, 42, uses[0].Messages[0])
			for range 2 { // as many as can be counted, and more
				w.apply(store.Activity{Chat: id, At: noon, Messages: math.MaxInt32})
			}
			w.settle()
			uses, _ = w.follow(last, 100)
			require.Len(w, uses, 1)
			require.EqualValues(w, uint32(math.MaxUint32), uses[0].Messages[0])
		},
	},
}

var stateClauses = []Clause{
	{
		Name:  "states/of each fact the latest, then the worst",
		IDs:   []string{"state.merge"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			_, start := w.states(0, 10)
			kept := line.State{Tenant: acme, Number: number(1)}
			for i, c := range []struct {
				says    line.State
				applies bool
			}{
				{line.State{Status: line.Active, StatusAt: noon.Add(time.Hour)}, true},
				{line.State{Status: line.Flagged, StatusAt: noon}, false},
				{line.State{Status: line.Active, StatusAt: noon.Add(time.Hour + 999)}, false}, // the same microsecond
				{line.State{Status: line.Flagged, StatusAt: noon.Add(time.Hour + 999)}, true}, // the same microsecond, and worse
				{line.State{Status: line.Active, StatusAt: noon.Add(time.Hour)}, false},
				{line.State{Reputation: line.AtRisk, ReputationAt: noon}, true}, // a separate fact with its own time
				{line.State{Reputation: line.Critical, ReputationAt: noon}, true},
				{line.State{Reputation: line.Healthy, ReputationAt: noon}, false},
				{line.State{Status: line.Flagged, StatusAt: noon.Add(2 * time.Hour)}, false}, // the same value: only the time moves
				{line.State{Status: line.Active, StatusAt: noon.Add(90 * time.Minute)}, false},
				{line.State{Status: line.Active, StatusAt: noon.Add(3 * time.Hour), Reputation: line.AtRisk, ReputationAt: noon.Add(3 * time.Hour)}, true},
				{line.State{Ownership: line.Released, OwnershipAt: noon}, true},
				{line.State{Ownership: line.Assigned, OwnershipAt: noon}, false},
				{line.State{Ownership: line.Assigned, OwnershipAt: noon.Add(time.Second)}, true},
			} {
				said := c.says
				said.Tenant, said.Number, said.Change = acme, number(1), 1<<60
				zone := time.FixedZone("", 3600)
				said.StatusAt, said.ReputationAt, said.OwnershipAt = in(zone, said.StatusAt), in(zone, said.ReputationAt), in(zone, said.OwnershipAt)
				applied, err := s.ReportLine(background, said)
				require.NoError(w, err)
				require.Equal(w, c.applies, applied, "step %d", i)
				before := kept
				kept, _ = kept.Merge(store.CutState(said))
				states, _ := w.states(start, 10)
				require.Len(w, states, 1)
				require.Less(w, states[0].Change, line.Change(1<<60))
				require.Equal(w, !kept.SameFacts(before), states[0].Change != before.Change, "step %d: the number moves with the facts", i)
				kept.Change = states[0].Change
				require.Equal(w, kept, states[0], "step %d", i)
			}
		},
	},
	{
		Name:  "states/any order, number and grouping",
		IDs:   []string{"state.merge"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			at := 100
			rapid.Check(w, func(t *rapid.T) {
				events := rapid.SliceOfN(rapid.Custom(drawFacts), 1, 5).Draw(t, "events")
				order := rapid.Permutation(events).Draw(t, "order")
				order = append(order, rapid.SliceOfN(rapid.SampledFrom(events), 0, 2).Draw(t, "again")...)
				at++
				var want line.State
				for _, e := range events {
					want, _ = want.Merge(e)
				}
				_, start := w.states(0, store.MaxPage)
				for i := 0; i < len(order); i++ {
					e := order[i]
					if i+1 < len(order) && rapid.Bool().Draw(t, "together with the next one") {
						i++
						e, _ = e.Merge(order[i])
					}
					e.Tenant, e.Number = acme, number(at)
					_, err := s.ReportLine(background, e)
					require.NoError(t, err)
				}
				states, _ := w.states(start, 10)
				require.Len(t, states, 1)
				want.Tenant, want.Number, want.Change = acme, number(at), states[0].Change
				want.RecoveredAt = states[0].RecoveredAt // another clause is about it
				require.Equal(t, want, states[0])
			})
		},
	},
	{
		Name:  "states/every order of four",
		IDs:   []string{"state.merge"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			later := noon.Add(time.Microsecond)
			events := []line.State{
				{Status: line.Flagged, StatusAt: noon, Reputation: line.Critical, ReputationAt: noon},
				{Status: line.Active, StatusAt: noon, Ownership: line.Released, OwnershipAt: later},
				{Reputation: line.AtRisk, ReputationAt: later, Ownership: line.Assigned, OwnershipAt: later},
				{Reputation: line.Healthy, ReputationAt: later, Ownership: line.Assigned, OwnershipAt: noon},
			}
			want := line.State{
				Status: line.Flagged, StatusAt: noon, Reputation: line.AtRisk, ReputationAt: later,
				Ownership: line.Released, OwnershipAt: later, FlaggedAt: noon,
			}
			at, last := 0, line.Change(0)
			permute(len(events), func(order []int) {
				at++
				kept := line.State{}
				for _, i := range order {
					merged, changes := kept.Merge(events[i])
					e := events[i]
					e.Tenant, e.Number = acme, number(at)
					applied, err := s.ReportLine(background, e)
					require.NoError(w, err)
					require.Equal(w, changes, applied, "%v: %v", order, i)
					kept = merged
				}
				states, next := w.states(last, 10)
				require.Len(w, states, 1)
				last = next
				got := states[0]
				got.Tenant, got.Number, got.Change = "", recipients.Handle{}, 0
				require.Equal(w, want, got, "%v", order)
			})
			require.Equal(w, 24, at)
		},
	},
	{
		Name:  "states/nothing said is no state",
		IDs:   []string{"state.empty"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			for _, nothing := range []line.State{{}, {StatusAt: noon}, {Status: line.Flagged}, {Status: line.Active, StatusAt: noon, ReputationAt: noon}} {
				nothing.Tenant, nothing.Number = acme, number(1)
				_, err := s.ReportLine(background, nothing)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
		},
	},
	{
		Name:  "states/what a delivery found is the latest",
		IDs:   []string{"state.flag"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			_, start := w.states(0, 10)
			flag := func(at, want time.Time, applies bool) {
				kept, applied, err := s.FlagLine(background, acme, number(1), at)
				require.NoError(w, err)
				require.Equal(w, applies, applied)
				require.Equal(w, line.Flagged, kept.Status)
				require.Equal(w, want, kept.StatusAt)
				states, _ := w.states(start, 10)
				require.Len(w, states, 1)
				states[0].Change = 0
				require.Equal(w, kept, states[0], "what it returns is what is kept")
			}
			report := func(status line.Status, at time.Time) {
				state := stateOf(1, status, at)
				state.ReputationAt = noon
				_, err := s.ReportLine(background, state)
				require.NoError(w, err)
			}
			flag(noon.Add(999), noon, true)
			flag(noon.Add(time.Hour), noon, false)
			report(line.Active, noon.Add(time.Minute))
			flag(noon, noon.Add(time.Minute+time.Microsecond), true) // our clock is behind
			report(line.Active, noon.Add(2*time.Minute))
			flag(noon.Add(time.Hour), noon.Add(time.Hour), true)
			states, _ := w.states(start, 10)
			require.Equal(w, line.Healthy, states[0].Reputation, "the other facts stay")
			_, _, err := s.FlagLine(background, acme, recipients.Handle{}, noon)
			require.ErrorIs(w, err, store.ErrInvalid)
		},
	},
	{
		Name:  "states/of all lines, by change",
		IDs:   []string{"state.changes"},
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
			applied, err := s.ReportLine(background, line.State{Tenant: acme, Number: number(2), Reputation: line.Critical, ReputationAt: noon.Add(-time.Hour)})
			require.NoError(w, err)
			require.False(w, applied)
			states, _ := w.states(last, 10)
			require.Empty(w, states, "a state that was not kept is no change")
		},
	},
}

// states reads all states that changed after a change number, page by page.
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
