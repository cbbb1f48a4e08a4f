package fleet

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// guarded is a fleet of a few lines, with a guard, on which chats are opened
// one after the other.
type guarded struct {
	*Fleet
	now    time.Time
	guard  line.Guard
	opened map[recipients.Handle][]time.Time
	n      int
}

func newGuarded(t *rapid.T) *guarded {
	g := &guarded{now: epoch, guard: drawGuard(t), opened: map[recipients.Handle][]time.Time{}}
	f, err := New(Options{Guard: g.guard, Clock: func() time.Time { return g.now }})
	require.NoError(t, err)
	var lines []line.Line
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := line.Line{Number: handle(fmt.Sprintf("+1415555010%d", i))}
		l.Limits.NewChatsPerDay = rapid.SampledFrom([]int{0, 1, 4, 10}).Draw(t, "limit")
		if age := rapid.IntRange(-1, 72).Draw(t, "age"); age >= 0 {
			l.StartedAt = epoch.Add(-time.Duration(age) * time.Hour)
		}
		lines = append(lines, l)
	}
	require.NoError(t, f.SetLines("acme", lines))
	g.Fleet = f
	return g
}

// query asks for people who are asked for once.
func (g *guarded) query(failover bool) Query {
	g.n++
	set, err := recipients.NewSet(handle(fmt.Sprintf("+1212%07d", 5_550_000+g.n)))
	if err != nil {
		panic(err)
	}
	return Query{Recipients: set, Failover: failover}
}

func (g *guarded) view(t *rapid.T) View {
	v, err := g.View(context.Background(), "acme", g.now)
	require.NoError(t, err)
	return v
}

// open opens a chat, and says whether a line was eligible.
func (g *guarded) open(t *rapid.T, failover bool) bool {
	q := g.query(failover)
	ref := g.view(t).BestRef(q)
	if !ref.IsValid() {
		return false
	}
	require.True(t, g.Reserve("acme", g.now, q, ref.Number()))
	if rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
		before := g.view(t)
		g.Release("acme", g.now, ref.Number(), failover)
		require.NotEqual(t, before.Find(ref.Number()).Line(), g.view(t).Find(ref.Number()).Line())
		require.Equal(t, ref.Line(), g.view(t).Find(ref.Number()).Line(), "it is given back whole")
		return true
	}
	g.Confirm("acme", g.now, ref.Number(), failover)
	g.opened[ref.Number()] = append(g.opened[ref.Number()], g.now)
	return true
}

// In one process no line passes its allowance, its pace or its share, with
// picks that fail in between; and the moment that a refusal names is the first
// at which that kind of opening has a line (invariants 20, 21, 22 and 26).
func TestNextFreeIsTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newGuarded(t)
		for range rapid.IntRange(1, 40).Draw(t, "openings") {
			g.now = g.now.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "later")))
			failover := rapid.Bool().Draw(t, "failover")
			if g.open(t, failover) {
				for l := range g.view(t).All() {
					b := g.guard.Bounds(l.Limits.NewChatsPerDay, l.Start(), g.now)
					require.True(t, b.Allowance == 0 || l.NewChats <= b.Allowance)
					require.Equal(t, b.Allowance, l.Allowance)
					require.True(t, b.Failovers == 0 || l.Failovers <= b.Failovers)
				}
				continue
			}
			counts := g.view(t).PassedOver(g.query(failover))
			require.Zero(t, counts.Eligible)
			free := counts.NextFree
			require.False(t, free.IsZero(), "%+v", counts)
			require.True(t, free.After(g.now))
			g.now = free.Add(-1)
			require.False(t, g.view(t).BestRef(g.query(failover)).IsValid(), "a nanosecond before")
			g.now = free
			require.True(t, g.view(t).BestRef(g.query(failover)).IsValid(), "at the moment")
		}
		for n, times := range g.opened {
			l := g.view(t).Find(n).Line()
			for i, from := range times {
				for j := i; j < len(times); j++ {
					b := g.guard.Bounds(l.Limits.NewChatsPerDay, l.Start(), times[j]) // the least step of the time
					if w := times[j].Sub(from); b.Pace.Step > 0 {
						require.LessOrEqual(t, j-i+1, b.Pace.Burst+int((w+time.Microsecond)/b.Pace.Step))
					}
				}
			}
		}
	})
}

// First contacts do not look at the failover share, and the zero guard is none
// (invariants 19 and 25).
func TestWhatAGuardDoesNotTouch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, guard := drawPolicy(t), drawGuard(t)
		var lines []line.Line
		taken := map[recipients.Handle]bool{}
		for range rapid.IntRange(1, 30).Draw(t, "lines") {
			if l := drawLine(t); !taken[l.Number] {
				taken[l.Number], l.Guard = true, nil
				l.FailoversFullUntil = time.Time{}
				lines = append(lines, l)
			}
		}
		q := drawQuery(t)
		q.Failover = false
		other := guard
		other.FailoverShare = rapid.IntRange(0, 100).Draw(t, "other share")
		a := byHand(t, lines, ViewOptions{Policy: policy, Guard: guard, At: epoch})
		b := byHand(t, lines, ViewOptions{Policy: policy, Guard: other, At: epoch})
		require.Equal(t, a.BestRef(q).Number(), b.BestRef(q).Number())
		require.Equal(t, a.PassedOver(q), b.PassedOver(q))

		bare := make([]line.Line, len(lines))
		for i, l := range lines {
			l.Failovers, l.PacedAt, l.StartedAt, l.RecoveredAt = 0, time.Time{}, time.Time{}, time.Time{}
			bare[i] = l
		}
		a = byHand(t, lines, ViewOptions{Policy: policy, At: epoch})
		b = byHand(t, bare, ViewOptions{Policy: policy, At: epoch})
		for _, q.Failover = range []bool{false, true} {
			require.Equal(t, a.BestRef(q).Number(), b.BestRef(q).Number())
			require.Equal(t, a.PassedOver(q), b.PassedOver(q))
		}
	})
}

// A tighter guard never opens what was refused on the same view (invariant 27):
// a smaller burst or share, or with a burst of 1 a longer gap or a lower ramp.
// With a larger burst a longer step leaves more room behind a paced time that
// an earlier, shorter one made; so that is not among them.
func TestTighterGuards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guard := drawGuard(t)
		tighter := guard
		switch rapid.IntRange(0, 3).Draw(t, "which") {
		case 0:
			tighter.Burst = min(guard.Burst, rapid.IntRange(1, 3).Draw(t, "burst"))
		case 1:
			if guard.FailoverShare != 1 {
				tighter.FailoverShare = max(guard.FailoverShare/2, 1)
			}
		case 2:
			guard.Burst = min(guard.Burst, 1)
			tighter.Burst = guard.Burst
			tighter.Gap *= time.Duration(rapid.IntRange(1, 5).Draw(t, "longer"))
		case 3:
			guard.Burst = min(guard.Burst, 1)
			tighter.Burst = guard.Burst
			if guard.RampDays > 0 {
				tighter.RampStart = max(1, guard.RampStart-rapid.IntRange(0, 50).Draw(t, "lower"))
			}
		}
		if tighter.Validate() != nil {
			return
		}
		l := drawLine(t)
		l.Guard = nil
		q := drawQuery(t)
		was := byHand(t, []line.Line{l}, ViewOptions{Guard: guard, At: epoch})
		is := byHand(t, []line.Line{l}, ViewOptions{Guard: tighter, At: epoch})
		if !was.BestRef(q).IsValid() {
			require.False(t, is.BestRef(q).IsValid(), "%+v opens what %+v does not", tighter, guard)
		}
	})
}

// The guard of a line holds in place of that of its fleet, and the zero one
// holds it to nothing.
func TestGuardOfALine(t *testing.T) {
	careful := line.Careful()
	lines := []line.Line{{Number: handle("+14155550100")}, {Number: handle("+14155550101"), Guard: &line.Guard{}}}
	f, err := New(Options{Guard: careful})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", lines))
	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	require.Equal(t, line.Pace{Step: 5 * time.Minute, Burst: 3}, v.Find(lines[0].Number).Pace())
	require.Equal(t, 10, v.Find(lines[0].Number).FailoverLimit())
	require.Zero(t, v.Find(lines[1].Number).Pace())
	require.Zero(t, v.Find(lines[1].Number).FailoverLimit())

	_, err = New(Options{Guard: line.Guard{Burst: 1}})
	require.ErrorIs(t, err, line.ErrGuard)
	require.ErrorIs(t, f.PutLine("acme", line.Line{Number: lines[0].Number, Guard: &line.Guard{FailoverShare: 101}}), line.ErrLine)
}

// A young line grows from day to day, and a recovery begins its ramp anew,
// whatever is said of its reputation, and whichever lines are told again.
func TestRampOfALine(t *testing.T) {
	now := epoch
	n := handle("+14155550100")
	l := line.Line{Number: n, StartedAt: epoch.Add(-20 * 24 * time.Hour)}
	l.Limits.NewChatsPerDay = 50
	f, err := New(Options{Guard: line.Careful(), Clock: func() time.Time { return now }})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", []line.Line{l}))
	allowance := func() int {
		v, err := f.View(context.Background(), "acme", now)
		require.NoError(t, err)
		return v.Find(n).Allowance()
	}
	say := func(e Event) {
		e.Type, e.Tenant, e.Number, e.ChangedAt = StatusUpdated, "acme", n, now
		_, err := f.ReportLine(context.Background(), e)
		require.NoError(t, err)
	}
	require.Equal(t, 50, allowance())
	say(Event{Status: line.Flagged})
	now = now.Add(30 * time.Hour)
	say(Event{Status: line.Active})
	require.Equal(t, 10, allowance())
	now = now.Add(24*time.Hour - 1)
	require.Equal(t, 10, allowance())
	now = now.Add(1)
	require.Equal(t, 12, allowance())
	say(Event{Reputation: line.AtRisk})
	say(Event{Status: line.Active})
	require.NoError(t, f.SetLines("acme", []line.Line{l}))
	require.Equal(t, 12, allowance())
	now = now.Add(13 * 24 * time.Hour)
	require.Equal(t, 50, allowance())
}
