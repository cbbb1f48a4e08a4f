package fleet

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// Where an opening may wait, the index, its scan and the table pick the same
// line as the rule, from lines that mostly wait for their pace, with slots that
// are often equal (docs/rules.md §11a; invariant 31).
func TestDeferredPicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, guard := drawPolicy(t), line.Guard{Gap: 10 * time.Minute, Burst: rapid.IntRange(1, 3).Draw(t, "burst"), FailoverShare: 40}
		o, err := newOrder(policy, guard)
		require.NoError(t, err)
		at := nanos(epoch)
		lists, scanned := newIndex(o), newIndex(o)
		lists.listsOnly = true
		lines := map[recipients.Handle]line.Line{}
		for range rapid.IntRange(1, 60).Draw(t, "changes") {
			l := drawLine(t)
			if rapid.IntRange(0, 5).Draw(t, "whatever") > 0 {
				l.Status, l.Reputation, l.Ineligible, l.Guard = 0, 0, false, nil
				l.NewChats, l.Failovers, l.Limits = 1, rapid.SampledFrom([]int{0, 0, 20}).Draw(t, "taken"), line.Limits{}
				l.NewChatsFullUntil, l.MessagesFullUntil, l.FailoversFullUntil = time.Time{}, drawUntil(t, "messages"), time.Time{}
				l.PacedAt = epoch.Add(time.Duration(rapid.IntRange(20, 24).Draw(t, "paced")) * 2 * time.Minute)
			}
			r := o.newRecord(l, o.bounds(&l, at), at, slots{nanos(l.NewChatsFullUntil), nanos(l.FailoversFullUntil)})
			if _, there := lines[l.Number]; there && rapid.IntRange(0, 4).Draw(t, "remove") == 0 {
				delete(lines, l.Number)
				r = nil
			} else {
				lines[l.Number] = l
			}
			for _, x := range []*index{lists, scanned} {
				x.replace(x.find(l.Number), r)
			}
		}
		all := slices.SortedFunc(maps.Values(lines), func(a, b line.Line) int { return a.Number.Compare(b.Number) })
		table := byHand(t, all, ViewOptions{Policy: policy, Guard: guard, At: epoch})
		for range rapid.IntRange(1, 5).Draw(t, "queries") {
			q := drawQuery(t)
			until := epoch.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "minutes")) * time.Minute)
			q.DeferUntil = until
			asked := plainOnly(all, q)
			expected := plainOrder(asked, policy, guard, allAt(epoch), q)
			for name, v := range map[string]View{
				"table": table,
				"index": {&snapshot{order: o, at: at, index: lists.copy()}},
				"scan":  {&snapshot{order: o, at: at, index: scanned.copy()}},
			} {
				pick, ok := v.Best(q)
				samePick(t, name, expected, pick, ok)
				sameBest(t, pick, ok, v.BestRef(q))
				require.Equal(t, plainCounts(asked, policy, guard, allAt(epoch), q), plain(v.PassedOver(q)), name)
				if slot := v.BestRef(q).Slot(); ok && slot.After(epoch) {
					require.False(t, slot.After(q.DeferUntil), "invariant 29")
					q.DeferUntil = slot.Add(-1)
					require.NotEqual(t, pick.Line.Number, v.BestRef(q).Number(), "it is no later than the query says")
					q.DeferUntil = time.Time{}
					require.False(t, v.BestRef(q).IsValid(), "what can open now needs no waiting")
					q.DeferUntil = until
				}
			}
		}
	})
}

// Picks that wait take one slot after the other, on whichever line has the next
// one, and a released one gives its slot back.
func TestDeferredReservations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newGuarded(t)
		if g.guard.Gap == 0 {
			return
		}
		last := g.now
		for range rapid.IntRange(1, 40).Draw(t, "openings") {
			q := g.query(rapid.Bool().Draw(t, "failover"))
			q.DeferUntil = g.now.Add(time.Duration(rapid.IntRange(0, 240).Draw(t, "minutes")) * time.Minute)
			before := g.view(t)
			ref := before.BestRef(q)
			if !ref.IsValid() {
				continue
			}
			due := g.now
			if slot := ref.Slot(); slot.After(due) {
				due = slot
				early := q
				early.DeferUntil = slot.Add(-1)
				require.False(t, g.Reserve("acme", g.now, early, ref.Number()), "its slot is later")
			}
			require.False(t, due.After(q.DeferUntil))
			q.DeferUntil = due
			require.True(t, g.Reserve("acme", g.now, q, ref.Number()))
			if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
				g.Release("acme", g.now, ref.Number(), q.Failover)
				require.Equal(t, ref.Line(), g.view(t).Find(ref.Number()).Line())
				continue
			}
			g.Confirm("acme", g.now, ref.Number(), q.Failover)
			g.opened[ref.Number()] = append(g.opened[ref.Number()], due)
			last = due
		}
		for n, times := range g.opened {
			slices.SortFunc(times, time.Time.Compare)
			l := g.view(t).Find(n).Line()
			pace := g.guard.Bounds(l.Limits.NewChatsPerDay, l.Start(), g.now).Pace
			for i, from := range times {
				for j := i; j < len(times); j++ {
					require.LessOrEqual(t, j-i+1, pace.Burst+int((times[j].Sub(from)+time.Microsecond)/pace.Step), "until %s", last)
				}
			}
		}
	})
}

// Among many lines, where trees are deep, an opening that may wait gets the
// line that a plain look at every line finds: of the earliest slot, also if
// many share it or one has it alone, of those that serve what is asked for.
func TestDeferredPicksAmongMany(t *testing.T) {
	const seed = 20261128
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 78))
	guard := line.Guard{Gap: time.Minute, Burst: 1, FailoverShare: 50}
	for _, slots := range []int{1, 2, 400} {
		var lines []line.Line
		for _, l := range equalLines(400, 0) {
			l.PacedAt = epoch.Add(time.Duration(1+random.IntN(slots)) * time.Second)
			l.Services = line.ServiceSet(random.IntN(7))
			if random.IntN(3) == 0 {
				l.FailoversFullUntil = epoch.Add(time.Hour)
			}
			l.NewChats = random.IntN(3)
			lines = append(lines, l)
		}
		views := forms(t, Policy{}, guard, lines)
		for i := range 12 {
			q := toOne(i)
			q.Failover, q.Service = random.IntN(2) == 0, message.Service(random.IntN(4))
			q.DeferUntil = epoch.Add(time.Duration(random.IntN(2*slots+1)) * time.Second)
			sameAsPlain(t, views, Policy{}, guard, lines, q)
		}
	}
}
