package fleet

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// wellKept checks what a lineup keeps beside its lines against the lines: every
// account stands in the schedule once or not at all, and the counts and trees
// of its index are those of a look at every record.
func (t *lineup) wellKept(rt *rapid.T) {
	due := 0
	for digits, a := range t.accounts {
		if a.due != 0 {
			due++
			require.NotEqual(rt, int64(unknownTime), a.due, "what time alone never changes is not looked at")
			_, there := t.schedule.Get(appointment{a.due, digits})
			require.True(rt, there)
		}
	}
	require.Equal(rt, due, t.schedule.Len(), "no appointment is left behind")

	x := t.index
	var lines int32
	var states [causes]int32
	var all serving
	full, waits, spent := map[*record]uint64{}, map[*record]uint64{}, map[*record]uint64{}
	x.all.each(func(r *record) bool {
		lines++
		states[r.cause]++
		all.count(r, 1)
		if r.cause.isLimit() {
			full[r] = rankOfTime(r.freeAt)
		}
		if r.waits {
			waits[r] = rankOfTime(r.slot())
		}
		if r.held {
			spent[r] = rankOfTime(r.heldUntil)
		}
		return true
	})
	require.Equal(rt, []any{lines, states, all}, []any{x.lines, x.causes, x.serving})
	for tree, want := range map[*node]map[*record]uint64{x.full: full, x.waits: waits, x.spent: spent} {
		if tree == nil {
			continue
		}
		wellFormed(rt, tree, true)
		for _, e := range entriesOf(tree) {
			rank, there := want[e.record]
			require.True(rt, there && rank == e.rank && e.ring == e.record.ring())
		}
		require.Len(rt, entriesOf(tree), len(want))
	}
	for _, empty := range []bool{x.full == nil && len(full) > 0, x.waits == nil && len(waits) > 0, x.spent == nil && len(spent) > 0} {
		require.False(rt, empty)
	}
	if x.all != nil {
		wellFormed(rt, x.all, true)
	}
	x.lists.each(func(l list) {
		var counted serving
		for _, e := range entriesOf(l.root) {
			counted.count(e.record, 1)
			require.True(rt, x.all.find(e.ring) == e.record, "no list shows another record")
		}
		require.Equal(rt, counted, l.serving)
		if l.root != nil {
			wellFormed(rt, l.root, true)
		}
	})
}

// A line that a source tells again as it was is known again, whatever was
// learned about it; one that differs in anything that is told is not.
func TestToldLinesAreKnownAgain(t *testing.T) {
	number, started := handle("+14157770000"), epoch.Add(-240*time.Hour)
	told := line.Line{
		Number: number, ID: "x", Label: "a", Status: line.Active, Reputation: line.AtRisk, Services: line.ServiceSet(3),
		Limits: line.Limits{NewChatsPerDay: 10, MessagesPerDay: 7000}, StartedAt: started, RecoveredAt: started.Add(time.Hour),
		Guard: &line.Guard{RampDays: 20, RampStart: 3},
	}
	differ := map[string]func(l *line.Line){
		"id":         func(l *line.Line) { l.ID = "y" },
		"forwarding": func(l *line.Line) { l.Forwarding = "+14157770009" },
		"label":      func(l *line.Line) { l.Label = "b" },
		"status":     func(l *line.Line) { l.Status = line.Flagged },
		"reputation": func(l *line.Line) { l.Reputation = line.Critical },
		"ineligible": func(l *line.Line) { l.Ineligible = true },
		"services":   func(l *line.Line) { l.Services = line.ServiceSet(1) },
		"chats":      func(l *line.Line) { l.Limits.NewChatsPerDay = 11 },
		"messages":   func(l *line.Line) { l.Limits.MessagesPerDay = 0 },
		"started":    func(l *line.Line) { l.StartedAt = started.Add(time.Second) },
		"recovered":  func(l *line.Line) { l.RecoveredAt = started.Add(2 * time.Hour) },
		"guard":      func(l *line.Line) { l.Guard = &line.Guard{RampDays: 20, RampStart: 4} },
		"no guard":   func(l *line.Line) { l.Guard = nil },
	}
	f := newFleet(t, Options{}, told)
	_, err := f.Learn(line.State{Tenant: "acme", Number: number, Status: line.Flagged, StatusAt: epoch, Reputation: line.Healthy, ReputationAt: epoch})
	require.NoError(t, err)
	f.Confirm("acme", epoch, number, false)
	known := func() *record { return f.lineup("acme").index.find(number) }
	again := told
	again.Guard = &line.Guard{RampDays: 20, RampStart: 3} // another that is equal
	require.True(t, known().isTold(&again))
	for what, change := range differ {
		other := told
		change(&other)
		require.False(t, known().isTold(&other), what)
		require.NoError(t, f.PutLine("acme", other))
		require.True(t, known().isTold(&other), what)
		require.NoError(t, f.PutLine("acme", told))
		require.True(t, known().isTold(&told), what)
	}
}

// A line that a commit found full is free as soon as it is told another limit,
// guard or start, and stays full when it is told in any other way.
func TestAnotherLimitFreesAFullLine(t *testing.T) {
	number := handle("+14157770000")
	told := line.Line{Number: number, ID: "x", Limits: line.Limits{NewChatsPerDay: 10}, StartedAt: epoch.Add(-time.Hour), Guard: &line.Guard{FailoverShare: 40}}
	for what, c := range map[string]struct {
		change func(l *line.Line)
		frees  bool
	}{
		"nothing":      {func(*line.Line) {}, false},
		"its id":       {func(l *line.Line) { l.ID = "y" }, false},
		"its messages": {func(l *line.Line) { l.Limits.MessagesPerDay = 100 }, false},
		"an equal one": {func(l *line.Line) { l.ID, l.Guard = "y", &line.Guard{FailoverShare: 40} }, false},
		"its limit":    {func(l *line.Line) { l.Limits.NewChatsPerDay = 11 }, true},
		"its guard":    {func(l *line.Line) { l.Guard = &line.Guard{FailoverShare: 41} }, true},
		"its start":    {func(l *line.Line) { l.StartedAt = epoch }, true},
	} {
		f := newFleet(t, Options{}, told)
		f.Full("acme", number, epoch.Add(time.Hour))
		f.FailoversFull("acme", number, epoch.Add(2*time.Hour))
		other := told
		c.change(&other)
		require.NoError(t, f.PutLine("acme", other))
		v, err := f.View(context.Background(), "acme", epoch)
		require.NoError(t, err)
		l, _ := v.Line(number)
		require.Equal(t, []bool{c.frees, c.frees}, []bool{l.NewChatsFullUntil.IsZero(), l.FailoversFullUntil.IsZero()}, what)
	}
}

// A view whose time is over is made anew, also if the look at the line whose
// time came finds nothing to do.
func TestEarlyLooksDoNotHoldTimeBack(t *testing.T) {
	const hold = time.Minute
	f := newFleet(t, Options{HoldFor: hold}, equalLines(3, 0)...)
	n, ok := contact(t, f, "acme", epoch, toOne(1))
	require.True(t, ok)
	f.Release("acme", epoch, n, false)
	for _, c := range []struct{ asked, shown time.Duration }{{0, 0}, {hold - 1, 0}, {hold, hold}} {
		v, err := f.View(context.Background(), "acme", epoch.Add(c.asked))
		require.NoError(t, err)
		require.Equal(t, epoch.Add(c.shown), v.At())
	}
}

// A line has one appointment at a time: a sooner one takes the place of the
// later.
func TestOneAppointmentForALine(t *testing.T) {
	f := newFleet(t, Options{HoldFor: time.Minute}, equalLines(1, 0)...)
	for i := range 3 {
		at := epoch.Add(time.Duration(i) * time.Hour)
		n, ok := contact(t, f, "acme", at, toOne(i))
		require.True(t, ok)
		f.Confirm("acme", at, n, false)
		require.Equal(t, []int{i + 1}, use(t, f, at.Add(time.Minute)))
		first, _ := f.lineup("acme").schedule.Min()
		require.Equal(t, nanos(epoch.Truncate(time.Hour).Add(line.WindowHours*time.Hour)), first.at)
		require.Equal(t, 1, f.lineup("acme").schedule.Len())
	}
	_, ok := contact(t, f, "acme", epoch.Add(3*time.Hour), toOne(3))
	require.True(t, ok)
	require.Equal(t, 1, f.lineup("acme").schedule.Len())
}

// Nothing is kept of a line about which nothing is known but what it was told
// to be, unless its days have to be counted.
func TestGrownLinesHaveNoAccounts(t *testing.T) {
	lines := equalLines(20, 5)
	require.Empty(t, newFleet(t, Options{}, lines...).lineup("acme").accounts)
	for i := range lines {
		lines[i].StartedAt = epoch
	}
	require.NotEmpty(t, newFleet(t, Options{Guard: line.Guard{RampDays: 5, RampStart: 2}}, lines...).lineup("acme").accounts)
}

// Time goes back to that of a poll only if it had gone on further than the time
// of an event may be ahead: senders that are a little ahead are not set back.
func TestTimeIsSetBackOnlyFromFarAhead(t *testing.T) {
	for ahead, want := range map[time.Duration]time.Duration{
		time.Nanosecond: time.Nanosecond, maxAhead: maxAhead, maxAhead + 1: 0, time.Hour: 0,
	} {
		f := newFleet(t, Options{Clock: func() time.Time { return epoch }, StaleAfter: time.Hour}, equalLines(2, 5)...)
		_, err := f.View(context.Background(), "acme", epoch.Add(ahead))
		require.NoError(t, err)
		require.True(t, f.Reserve("acme", epoch.Add(ahead), toOne(1), mustBest(t, f, epoch.Add(ahead))))
		require.NoError(t, f.Sync(context.Background(), newMemorySource()))
		require.Equal(t, nanos(epoch.Add(want)), f.lineup("acme").now, ahead)
	}
}

func mustBest(t *testing.T, f *Fleet, at time.Time) (n recipients.Handle) {
	v, err := f.View(context.Background(), "acme", at)
	require.NoError(t, err)
	return v.BestRef(toOne(1)).Number()
}

// Follow lets time pass for all lines, so that the next view is of its own
// moment, also if that is more than a sender would bring up to date.
func TestFollowLetsTimePass(t *testing.T) {
	const lines = 10 * slice
	for _, follows := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t, Options{HoldFor: time.Second, PollEvery: 500 * time.Millisecond}, equalLines(lines, 0)...)
			ctx, stop := context.WithCancel(context.Background())
			began := time.Now()
			for i := range lines {
				_, ok := contact(t, f, "acme", began, toOne(i))
				require.True(t, ok)
			}
			done := make(chan error, 1)
			if follows {
				go func() { done <- f.Follow(ctx, newMemorySource()) }()
			} else {
				done <- nil
			}
			time.Sleep(time.Second) // to the very moment
			synctest.Wait()
			v, err := f.View(ctx, "acme", time.Now())
			require.NoError(t, err)
			require.Equal(t, follows, v.At().Equal(time.Now()))
			counted := 0
			for l := range v.All() {
				counted += l.NewChats
			}
			require.Equal(t, follows, counted == 0)
			stop()
			<-done
		})
	}
}

// An opening may wait until the very slot of its line, and so may the
// runner-up.
func TestSlotsAtTheEndOfTheWait(t *testing.T) {
	guard := line.Guard{Gap: time.Hour, Burst: 1}
	lines := equalLines(4, 0)
	var free []time.Time
	for i := range lines {
		lines[i].PacedAt, lines[i].MessagesFullUntil = epoch.Add(time.Duration(i+1)*time.Minute), epoch // full no longer
		free = append(free, lines[i].PacedAt)
	}
	o, err := newOrder(Policy{}, guard)
	require.NoError(t, err)
	x := newIndex(o)
	for _, l := range lines {
		x.replace(nil, o.newRecord(l, o.bounds(&l, nanos(epoch)), nanos(epoch), slots{}))
	}
	for name, v := range map[string]View{
		"table": byHand(t, lines, ViewOptions{Guard: guard, At: epoch}),
		"index": {&snapshot{order: o, at: nanos(epoch), index: x.copy()}},
	} {
		for i, slot := range free {
			for _, early := range []time.Duration{0, 1} {
				q := toOne(1)
				q.DeferUntil = slot.Add(-early)
				pick, ok := v.Best(q)
				first, second := i-int(early) >= 0, i-int(early) >= 1
				require.Equal(t, []bool{first, second}, []bool{ok, pick.HasRunnerUp}, "%s: %d, %v early", name, i, early)
				if first {
					require.Equal(t, lines[0].Number, pick.Line.Number)
				}
				if second {
					require.Equal(t, lines[1].Number, pick.RunnerUp.Number)
				}
			}
		}
	}
}
