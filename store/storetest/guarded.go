package storetest

import (
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// paced is the pace of most clauses in this file.
var paced = line.Pace{Step: 10 * time.Minute, Burst: 2}

// pacedOpening returns a plan that opens a chat with that pace.
func (w *world) pacedOpening(i int, at time.Time) *store.Plan {
	w.Helper()
	p := w.opening(people(i), number(1), at)
	p.Pace = paced
	return p
}

// taking returns a plan that fails over to line 1, from a chat of a set of its
// own.
func (w *world) taking(i int, at time.Time) *store.Plan {
	w.Helper()
	old := w.seen(people(i), number(100+i), noon.Add(-time.Hour))
	return w.failing(people(i), old, number(1), at)
}

var guardedClauses = []Clause{
	{
		Name: "guarded/an opening that comes too soon",
		IDs:  []string{"pace.exact", "conflict.paced"},
		check: func(w *world) {
			w.commit(w.pacedOpening(1, noon))
			w.commit(w.pacedOpening(2, noon))
			for i, at := range []time.Time{noon, noon.Add(-time.Hour), noon.Add(10*time.Minute - 1)} {
				require.Equal(w, noon.Add(10*time.Minute), w.conflict(w.pacedOpening(3+i, at), store.LinePaced).NextFree)
			}
			other := w.opening(people(8), number(2), noon)
			other.Pace = paced
			w.commit(other)
			w.commit(w.pacedOpening(3, noon.Add(10*time.Minute)))
			c := w.conflict(w.pacedOpening(4, noon.Add(15*time.Minute)), store.LinePaced)
			require.Equal(w, store.Conflict{Kind: store.LinePaced, Line: number(1), NextFree: noon.Add(20 * time.Minute)}, *c)
		},
	},
	{
		Name: "guarded/both kinds of opening move the pace, and reuses do not",
		IDs:  []string{"pace.moves", "guarded.reuse", "guarded.use"},
		check: func(w *world) {
			failover := w.taking(1, noon.Add(999))
			failover.Pace = paced
			id := w.commit(failover)
			w.requireUse(number(1), func(u line.Use) { require.Equal(w, noon.Add(10*time.Minute), u.PacedAt) })
			for i := range 3 {
				p := w.reusing(people(1), id, noon.Add(time.Duration(i)*time.Hour))
				p.Pace, p.FailoverLimit = paced, 1
				w.commit(p)
			}
			w.commit(w.pacedOpening(2, noon.Add(5*time.Minute)))
			w.requireUse(number(1), func(u line.Use) { require.Equal(w, noon.Add(20*time.Minute), u.PacedAt) })
			w.conflict(w.pacedOpening(3, noon.Add(5*time.Minute)), store.LinePaced)
			w.commit(w.pacedOpening(3, noon.Add(time.Hour)))
			w.requireUse(number(1), func(u line.Use) { require.Equal(w, noon.Add(70*time.Minute), u.PacedAt) })
		},
	},
	{
		Name: "guarded/a plan without a pace leaves the paced time",
		IDs:  []string{"pace.none", "guarded.use"},
		check: func(w *world) {
			w.open(people(1), number(1), noon)
			w.requireUse(number(1), func(u line.Use) { require.Zero(w, u.PacedAt) })
			w.commit(w.pacedOpening(2, noon))
			for i := range 4 {
				w.open(people(3+i), number(1), noon.Add(time.Hour))
			}
			w.requireUse(number(1), func(u line.Use) { require.Equal(w, noon.Add(10*time.Minute), u.PacedAt) })
		},
	},
	{
		Name: "guarded/failovers are counted beside new chats",
		IDs:  []string{"failovers.counted", "guarded.use"},
		check: func(w *world) {
			w.commit(w.taking(1, noon))
			w.open(people(2), number(1), noon)
			w.commit(w.taking(3, noon.Add(2*time.Hour)))
			w.commit(w.taking(4, noon)) // a failover counts in the newest hour
			w.requireUse(number(1), func(u line.Use) {
				require.Equal(w, []uint32{2, 0, 2}, u.NewChats[:3])
				require.Equal(w, []uint32{2, 0, 1}, u.Failovers[:3])
			})
			w.open(people(5), number(1), noon.Add(30*time.Hour))
			w.requireUse(number(1), func(u line.Use) {
				require.Equal(w, 1, u.Window(u.Hour))
				require.Zero(w, u.FailoversWindow(u.Hour))
			})
		},
	},
	{
		Name: "guarded/a line that has taken its failovers",
		IDs:  []string{"failovers.exact", "conflict.failovers"},
		check: func(w *world) {
			take := func(i int, at time.Time) *store.Plan {
				p := w.taking(i, at)
				p.FailoverLimit = 2
				return p
			}
			w.commit(take(1, noon))
			w.open(people(2), number(1), noon)
			w.commit(take(3, noon.Add(time.Hour)))
			for i, at := range []time.Time{noon, noon.Add(time.Hour), noon.Add(25*time.Hour - 1)} {
				c := w.conflict(take(4+i, at), store.FailoversFull)
				require.Equal(w, store.Conflict{Kind: store.FailoversFull, Line: number(1), NextFree: noon.Add(25 * time.Hour)}, *c)
			}
			first := w.opening(people(9), number(1), noon)
			first.FailoverLimit = 1 // the limit of failovers does not concern a first contact
			w.commit(first)
			w.commit(take(10, noon.Add(25*time.Hour)))
		},
	},
	{
		Name: "guarded/a bound that is moved",
		IDs:  []string{"pace.exact", "failovers.exact"},
		check: func(w *world) {
			w.commit(w.pacedOpening(1, noon))
			p := w.pacedOpening(2, noon)
			p.Pace = line.Pace{Step: 20 * time.Minute, Burst: 1}
			require.Equal(w, noon.Add(10*time.Minute), w.conflict(p, store.LinePaced).NextFree)
			p.Pace.Burst = 2
			w.commit(p)
			w.requireUse(number(1), func(u line.Use) { require.Equal(w, noon.Add(30*time.Minute), u.PacedAt) })
			w.commit(w.taking(3, noon))
			w.commit(w.taking(4, noon))
			q := w.taking(5, noon)
			q.FailoverLimit = 1
			w.conflict(q, store.FailoversFull)
			q.FailoverLimit = 3
			w.commit(q)
		},
	},
	{
		Name: "guarded/a plan that wrote nothing moves nothing",
		IDs:  []string{"pace.moves", "failovers.counted"},
		check: func(w *world) {
			p := w.taking(1, noon)
			p.Pace, p.Revision = paced, p.Revision+1
			w.conflict(p, store.RevisionMoved)
			w.commit(w.pacedOpening(2, noon))
			w.requireUse(number(1), func(u line.Use) {
				require.Equal(w, noon.Add(10*time.Minute), u.PacedAt)
				require.Zero(w, u.Failovers)
			})
		},
	},
	{
		Name: "guarded/a delivery that is due later",
		IDs:  []string{"guarded.later"},
		check: func(w *world) {
			w.commit(w.pacedOpening(1, noon))
			w.commit(w.pacedOpening(2, noon))
			slot := noon.Add(10 * time.Minute)
			for _, change := range []func(*store.Plan){
				func(p *store.Plan) { p.NotBefore = noon.Add(-time.Microsecond) },
				func(p *store.Plan) { p.NotBefore, p.Pace = slot, line.Pace{Step: 1, Burst: 1} },
				func(p *store.Plan) { p.Pace.Burst = 0 },
				func(p *store.Plan) { p.Pace.Step = -p.Pace.Step },
				func(p *store.Plan) { p.FailoverLimit = -1 },
			} {
				p := w.pacedOpening(3, noon)
				change(p)
				w.refused(p, store.ErrInvalid)
			}
			reuse := w.reusing(people(1), w.look(people(1)).Chats[0].ID, noon)
			reuse.NotBefore = slot
			w.refused(reuse, store.ErrInvalid)

			p := w.pacedOpening(3, noon)
			p.NotBefore = slot.Add(-time.Microsecond)
			require.Equal(w, slot, w.conflict(p, store.LinePaced).NextFree)
			p.NotBefore = slot
			id := w.commit(p)
			require.Equal(w, noon, w.chat(people(3), id).ActiveAt)
			w.requireUse(number(1), func(u line.Use) {
				require.EqualValues(w, 3, u.NewChats[0])
				require.Equal(w, slot.Add(20*time.Minute), u.PacedAt)
			})
		},
	},
	{
		Name:  "guarded/what is due later is handed over later, in its place",
		IDs:   []string{"guarded.later", "claim.due"},
		Needs: []Power{Outbox, Clock},
		check: func(w *world) {
			outbox := w.Store.(store.Outbox)
			first := withDelivery(w.opening(people(1), number(1), noon), "first")
			first.NotBefore = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) // later than now by every clock of a store
			id := w.commit(first)
			w.commit(withDelivery(w.reusing(people(1), id, noon), "second"))
			passed := withDelivery(w.opening(people(2), number(2), noon), "another chat")
			passed.NotBefore = noon.Add(time.Minute)
			w.commit(passed)
			claim := func() (contents []string) {
				claimed, err := outbox.Claim(background, time.Minute, 10)
				require.NoError(w, err)
				for _, c := range claimed {
					contents = append(contents, string(c.Delivery.Content))
					require.NoError(w, outbox.Ack(background, c.Lease))
				}
				return contents
			}
			require.Equal(w, []string{"another chat"}, claim())
			w.Advance(time.Hour)
			require.Empty(w, claim())
			w.Advance(100 * 366 * 24 * time.Hour)
			require.Equal(w, []string{"first"}, claim())
			require.Equal(w, []string{"second"}, claim())
		},
	},
	{
		Name: "guarded/any sequence of openings",
		IDs:  []string{"pace.exact", "pace.moves", "failovers.exact", "guarded.use"},
		check: func(w *world) {
			lines, n := 0, 0
			rapid.Check(w, func(t *rapid.T) {
				lines++
				want := line.Use{Tenant: w.tenant, Number: number(lines)}
				for range rapid.IntRange(1, 10).Draw(t, "chats") {
					n++
					p := planOf(store.NewBestNumber, people(n), w.id(), number(lines), noon, w.id())
					p.Tenant, p.Revision = w.tenant, 0
					if rapid.Bool().Draw(t, "failover") {
						p.Reason = store.FailoverFlagged
						p.PreviousChatID = w.seen(people(n), number(1_000_000+n), noon.Add(-100*time.Hour))
						p.Revision = w.revision(people(n))
					}
					p.At = noon.Add(time.Duration(rapid.Int64Range(-int64(30*time.Hour), int64(30*time.Hour)).Draw(t, "at")))
					p.KeepUntil = p.At.Add(time.Hour)
					p.NewChatLimit = rapid.IntRange(0, 6).Draw(t, "limit")
					p.FailoverLimit = rapid.IntRange(0, 2).Draw(t, "failovers")
					if rapid.Bool().Draw(t, "paced") {
						p.Pace = line.Pace{Step: time.Duration(rapid.Int64Range(1, int64(8*time.Hour/time.Microsecond)).Draw(t, "step")) * time.Microsecond, Burst: rapid.IntRange(1, 3).Draw(t, "burst")}
					}
					err := w.Store.Commit(background, p)
					if p.Bounded(&want) == nil {
						require.NoError(t, err)
						p.AddOpening(&want)
						continue
					}
					var conflict *store.Conflict
					require.ErrorAs(t, err, &conflict)
					require.Contains(t, allBounds(p, &want), *conflict)
				}
				for _, u := range w.allUses(number(lines)) {
					require.Equal(t, want, hard(u))
				}
			})
		},
	},
	{
		Name: "guarded/openings at once keep the pace and the share",
		IDs:  []string{"pace.exact", "failovers.exact"},
		check: func(w *world) {
			const callers = 12
			plans := make([]*store.Plan, callers)
			for i := range plans {
				if i%2 == 0 {
					plans[i] = w.taking(i+1, noon)
				} else {
					plans[i] = w.opening(people(i+1), number(1), noon)
				}
				plans[i].Pace, plans[i].FailoverLimit = line.Pace{Step: time.Hour, Burst: 5}, 2
			}
			var wait sync.WaitGroup
			errs := make([]error, callers)
			for i, p := range plans {
				wait.Go(func() { errs[i] = w.Store.Commit(background, p) })
			}
			wait.Wait()
			committed, failovers := 0, 0
			for i, err := range errs {
				if err == nil {
					committed++
					if plans[i].Reason == store.FailoverFlagged {
						failovers++
					}
					continue
				}
				var conflict *store.Conflict
				require.ErrorAs(w, err, &conflict)
				require.Contains(w, []store.ConflictKind{store.LinePaced, store.FailoversFull}, conflict.Kind)
			}
			require.Equal(w, 5, committed)
			require.LessOrEqual(w, failovers, 2)
			w.requireUse(number(1), func(u line.Use) {
				require.EqualValues(w, 5, u.NewChats[0])
				require.EqualValues(w, failovers, u.Failovers[0])
				require.Equal(w, noon.Add(5*time.Hour), u.PacedAt)
			})
		},
	},
}

// allBounds returns the conflicts of a plan with each of its bounds alone: a
// store may report any of them.
func allBounds(p *store.Plan, u *line.Use) (conflicts []store.Conflict) {
	for _, only := range []func(*store.Plan){
		func(p *store.Plan) { p.Pace, p.FailoverLimit = line.Pace{}, 0 },
		func(p *store.Plan) { p.NewChatLimit, p.FailoverLimit = 0, 0 },
		func(p *store.Plan) { p.NewChatLimit, p.Pace = 0, line.Pace{} },
	} {
		one := *p
		only(&one)
		if c := one.Bounded(u); c != nil {
			conflicts = append(conflicts, *c)
		}
	}
	return conflicts
}

// recoveryClauses are about FlaggedAt and RecoveredAt, which a store derives
// from reported states.
var recoveryClauses = []Clause{
	{
		Name:  "states/when a line was flagged and recovered",
		IDs:   []string{"state.recovered"},
		Needs: []Power{LineStates},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			_, start := w.states(0, 10)
			want := line.State{}
			says := func(said line.State, flagged, recovered time.Time) {
				want, _ = want.Merge(store.CutState(said))
				said.Tenant, said.Number = acme, number(1)
				_, err := s.ReportLine(background, said)
				require.NoError(w, err)
				states, _ := w.states(start, 10)
				require.Len(w, states, 1)
				require.Equal(w, flagged, states[0].FlaggedAt)
				require.Equal(w, recovered, states[0].RecoveredAt)
				require.True(w, want.SameFacts(states[0]))
			}
			status := func(s line.Status, at time.Time) line.State { return line.State{Status: s, StatusAt: at} }
			never := time.Time{}
			says(status(line.Active, noon), never, never)
			says(status(line.Flagged, noon.Add(time.Hour+999)), noon.Add(time.Hour), never)
			says(line.State{Reputation: line.AtRisk, ReputationAt: noon.Add(2 * time.Hour)}, noon.Add(time.Hour), never)
			says(status(line.Active, noon.Add(3*time.Hour)), noon.Add(time.Hour), noon.Add(3*time.Hour))
			says(line.State{Reputation: line.Healthy, ReputationAt: noon.Add(4 * time.Hour)}, noon.Add(time.Hour), noon.Add(3*time.Hour))
			says(line.State{Ownership: line.Released, OwnershipAt: noon.Add(4 * time.Hour)}, noon.Add(time.Hour), noon.Add(3*time.Hour))
			says(status(line.Active, noon.Add(5*time.Hour)), noon.Add(time.Hour), noon.Add(3*time.Hour))
			says(status(line.Active, noon.Add(2*time.Hour)), noon.Add(time.Hour), noon.Add(2*time.Hour))
			says(status(line.Flagged, noon.Add(4*time.Hour)), noon.Add(4*time.Hour), noon.Add(5*time.Hour))
			says(status(line.Flagged, noon.Add(6*time.Hour)), noon.Add(6*time.Hour), never)
			copied := line.State{
				Status: line.Active, StatusAt: noon.Add(9 * time.Hour),
				FlaggedAt: noon.Add(7 * time.Hour), RecoveredAt: noon.Add(8 * time.Hour),
			}
			says(copied, noon.Add(7*time.Hour), noon.Add(8*time.Hour))

			kept, _, err := s.FlagLine(background, acme, number(1), noon)
			require.NoError(w, err)
			require.Equal(w, kept.StatusAt, kept.FlaggedAt)
			require.Zero(w, kept.RecoveredAt)
			for _, wrong := range []line.State{
				{Status: line.Active, StatusAt: noon, RecoveredAt: noon},
				{Status: line.Active, StatusAt: noon, RecoveredAt: noon, FlaggedAt: noon},
			} {
				wrong.Tenant, wrong.Number = acme, number(1)
				_, err := s.ReportLine(background, wrong)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
		},
	},
	{
		Name:  "states/a recovery outlives the process",
		IDs:   []string{"state.recovered", "guarded.use"},
		Needs: []Power{LineStates, Durability, UseReader},
		check: func(w *world) {
			s := w.Store.(store.LineStates)
			for i, status := range []line.Status{line.Flagged, line.Active} {
				state := stateOf(1, status, noon.Add(time.Duration(i)*time.Hour))
				_, err := s.ReportLine(background, state)
				require.NoError(w, err)
			}
			failover := w.taking(1, noon)
			failover.Pace = paced
			w.commit(failover)
			uses := w.uses(number(1))
			w.reopen()
			after, _ := w.states(0, 10)
			require.Equal(w, noon, after[0].FlaggedAt)
			require.Equal(w, noon.Add(time.Hour), after[0].RecoveredAt)
			require.Equal(w, uses, w.uses(number(1)))
			require.EqualValues(w, 1, uses[0].Failovers[0])
		},
	},
}
