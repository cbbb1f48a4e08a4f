package fleet

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
)

// A line whose guard paces it by five minutes, three at once, is held back until
// just the moment at which a commit found it so, and counts the openings that
// wait for a slot after a moment: none up to one step, and one for each step more.
func TestPacedByACommit(t *testing.T) {
	const gap = 5 * time.Minute
	number := handle("+14157770000")
	f := newFleet(t, Options{Clock: fixedClock(epoch), Guard: line.Guard{Gap: gap, Burst: 3}}, line.Line{Number: number})
	slot := epoch.Add(20 * time.Minute)
	_, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	f.Paced("acme", number, slot)
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	ref := v.Find(number)
	require.Equal(t, slot, ref.Slot().UTC())
	for ahead, want := range map[time.Duration]int{
		-time.Hour: 0, 0: 0, 1: 0, gap: 0, gap + 1: 1, 2 * gap: 1, 2*gap + 1: 2, 20 * gap: 19,
	} {
		require.Equal(t, want, ref.Deferred(slot.Add(-ahead)), "%v", ahead)
	}
	require.Zero(t, Ref{}.Deferred(epoch))
	free := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
	v, err = free.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	require.Zero(t, v.Find(number).Deferred(epoch.Add(-time.Hour)))
}

// A commit that found no room for failovers holds the line back from them, also
// where its room comes back at this very moment.
func TestNoRoomForFailoversAtThisMoment(t *testing.T) {
	number := handle("+14157770000")
	for _, until := range []time.Duration{-time.Hour, 0, time.Hour} {
		f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
		q := somebody(1)
		q.Failover = true
		best := func() bool {
			v, err := f.View(context.Background(), "acme", epoch)
			require.NoError(t, err)
			_, ok := v.Best(q)
			return ok
		}
		require.True(t, best())
		f.FailoversFull("acme", number, epoch.Add(until))
		require.False(t, best(), "%v", until)
	}
}

// A criterion that is the only one decides, whichever it is.
func TestOneCriterionDecides(t *testing.T) {
	far, near := handle("+442071838750"), handle("+16465550100") // near the people of somebody
	for _, c := range []Criterion{ByCountry(), ByProvince(), ByArea()} {
		for _, lines := range [][]line.Line{{{Number: far}, {Number: near}}, {{Number: near}, {Number: far}}} {
			v := byHand(t, lines, ViewOptions{Policy: Policy{Name: "one", Criteria: []Criterion{c}}})
			require.Equal(t, "one", v.Policy())
			for i := range 10 { // wherever the ring begins
				pick, ok := v.Best(somebody(i))
				require.True(t, ok)
				require.Equal(t, near, pick.Line.Number, c.Name())
			}
		}
	}
	require.Empty(t, View{}.Policy())
}
