package fleet

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// TestBestIsThePlainScan is the law of this package: a pick is the smallest
// eligible line by the rules, in whichever form the view holds its lines.
func TestBestIsThePlainScan(t *testing.T) { rapid.Check(t, bestIsThePlainScan) }

// FuzzBestIsThePlainScan lets the fuzzer look for worlds that break it.
func FuzzBestIsThePlainScan(f *testing.F) { f.Fuzz(rapid.MakeFuzz(bestIsThePlainScan)) }

func bestIsThePlainScan(t *rapid.T) {
	policy := drawPolicy(t)
	guard := drawGuard(t)
	o, err := newOrder(policy, guard)
	require.NoError(t, err)

	lists := newIndex(o)
	lists.listsOnly = true
	scanned := newIndex(o)
	lines := map[recipients.Handle]line.Line{}
	at := nanos(epoch)
	alike := rapid.Bool().Draw(t, "lines are alike") // so that the ring decides

	for range rapid.IntRange(1, 4).Draw(t, "rounds") {
		for range rapid.IntRange(0, 60).Draw(t, "updates") {
			l := line.Line{Number: drawNumber(t)}
			if !alike || rapid.IntRange(0, 9).Draw(t, "unlike") == 0 {
				l = drawLine(t)
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
		views := map[string]View{
			"table":         byHand(t, all, ViewOptions{Policy: policy, Guard: guard, At: epoch}),
			"index":         {&snapshot{order: o, at: at, index: lists.copy()}},
			"scanned index": {&snapshot{order: o, at: at, index: scanned.copy()}},
		}
		for range rapid.IntRange(1, 5).Draw(t, "queries") {
			q := drawQuery(t)
			all := plainOnly(all, q)
			expected := plainOrder(all, policy, guard, allAt(epoch), q)
			for _, name := range slices.Sorted(maps.Keys(views)) {
				v := views[name]
				pick, ok := v.Best(q)
				samePick(t, name, expected, pick, ok)
				sameBest(t, pick, ok, v.BestRef(q))
				counts := v.PassedOver(q)
				require.Equal(t, plainCounts(all, policy, guard, allAt(epoch), q), plain(counts), name)
				require.Equal(t, plainNextFree(all, policy, guard, epoch, q), counts.NextFree, name)
				sameRef(t, v, drawNumber(t), epoch)
			}
		}
	}
}

// TestManyLines compares the two forms of a view if there are too many lines
// for the plain oracle, so that trees are deep.
func TestManyLines(t *testing.T) {
	for _, s := range hard() {
		t.Run(s.name, func(t *testing.T) {
			s.lines, s.contacts = 3_000, 40
			lines, queries := s.world()
			index, table := indexed(lines), byHand(t, lines, ViewOptions{At: epoch})
			require.Equal(t, slices.Collect(table.All()), slices.Collect(index.All()))
			for _, q := range queries {
				require.Equal(t, table.PassedOver(q), index.PassedOver(q))
				for range 10 { // and what comes after the best
					expected, found := table.Best(q)
					pick, ok := index.Best(q)
					require.Equal(t, found, ok)
					require.Equal(t, expected, pick)
					q.Excluded = append(q.Excluded, pick.Line.Number)
				}
			}
		})
	}
}

// sameRef proves that a Ref says what a copy of the line says.
func sameRef(t require.TestingT, v View, n recipients.Handle, at time.Time) {
	l, there := v.Line(n)
	r := v.Find(n)
	require.Equal(t, there, r.IsValid())
	require.Equal(t, there && l.CanContinue(), r.CanContinue())
	if !there {
		return
	}
	require.Equal(t, []any{l, l.Status, l.Reputation, l.Limits.NewChatsPerDay, l.MessagesFullUntil.After(at)},
		[]any{r.Line(), r.Status(), r.Reputation(), r.NewChatLimit(), r.OverMessagesAt(at)})
	for service := range message.SMS + 1 {
		require.Equal(t, l.Services.Has(service), r.Serves(service))
	}
}

func samePick(t require.TestingT, name string, expected []plainPick, pick Pick, ok bool) {
	require.Equal(t, len(expected) > 0, ok, name)
	if !ok {
		require.Zero(t, pick, name)
		return
	}
	require.Equal(t, expected[0].line.Normal(), pick.Line, name)
	require.Equal(t, expected[0].values, listed(pick.Values), name)
	require.Equal(t, len(expected) > 1, pick.HasRunnerUp, name)
	if pick.HasRunnerUp {
		require.Equal(t, expected[1].line.Normal(), pick.RunnerUp, name)
		require.Equal(t, expected[1].values, listed(pick.RunnerUpValues), name)
	}
}

// sameBest proves that the search for the best line alone finds it.
func sameBest(t require.TestingT, pick Pick, ok bool, best Ref) {
	require.Equal(t, ok, best.IsValid())
	if ok {
		require.Equal(t, pick.Line, best.Line())
	}
}

func listed(v Values) []int {
	list := []int{}
	for _, value := range v.All() {
		list = append(list, value)
	}
	return list
}

// plainNextFree is the first moment at which a line that only limits hold back
// is below them, as far as the line says.
func plainNextFree(lines []line.Line, p Policy, g line.Guard, at time.Time, q Query) time.Time {
	var first time.Time
	bounds := []string{"new-chat limit", "pace", "message limit", "failover share"}
	for _, l := range lines {
		if !slices.Contains(bounds, verdict(l, p, g, allAt(at), q)) {
			continue
		}
		free := l
		free.NewChats, free.NewChatsFullUntil, free.MessagesFullUntil = 0, time.Time{}, time.Time{}
		free.Failovers, free.PacedAt, free.FailoversFullUntil = 0, time.Time{}, time.Time{}
		if verdict(free, p, g, allAt(at), q) != "" {
			continue
		}
		b := plainBounds(l, g, at)
		if full := b.Allowance > 0 && l.NewChats >= b.Allowance; full && !l.NewChatsFullUntil.After(at) {
			continue // nobody can tell
		}
		untils := []time.Time{l.NewChatsFullUntil, l.MessagesFullUntil, b.Pace.Slot(l.PacedAt)}
		if q.Failover {
			if full := b.Failovers > 0 && l.Failovers >= b.Failovers; full && !l.FailoversFullUntil.After(at) {
				continue
			}
			untils = append(untils, l.FailoversFullUntil)
		}
		until := slices.MaxFunc(untils, time.Time.Compare)
		if first.IsZero() || until.Before(first) {
			first = until
		}
	}
	return first
}

// A caller that stops looking at the lines or criteria of a view is not shown
// more.
func TestIterationsStop(t *testing.T) {
	lines := equalLines(3, 0)
	f := newFleet(t, Options{}, lines...)
	indexed, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	for _, v := range []View{indexed, byHand(t, lines, ViewOptions{})} {
		seen := 0
		for range v.All() {
			seen++
			break
		}
		for range v.Criteria() {
			seen++
			break
		}
		pick, _ := v.Best(toOne(1))
		for range pick.Values.All() {
			seen++
			break
		}
		require.Equal(t, 3, seen)
	}
}
