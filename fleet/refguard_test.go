package fleet

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A line whose guard paces it by five minutes, three at once, is held back
// until just the moment at which a commit found it so, and counts the openings
// that wait for a slot after a moment: none up to one step, and one for each
// step more.
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

// A commit that found no room holds the line back, from failovers or from all
// new chats, also if the room comes back at this very moment.
func TestNoRoomAtThisMoment(t *testing.T) {
	number := handle("+14157770000")
	for _, failover := range []bool{false, true} {
		for _, until := range []time.Duration{-time.Hour, 0, time.Hour} {
			f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: number})
			q := toOne(1)
			q.Failover = failover
			best := func() bool {
				v, err := f.View(context.Background(), "acme", epoch)
				require.NoError(t, err)
				return v.BestRef(q).IsValid()
			}
			require.True(t, best())
			if failover {
				f.FailoversFull("acme", number, epoch.Add(until))
			} else {
				f.Full("acme", number, epoch.Add(until))
			}
			require.False(t, best(), "%v, failover %v", until, failover)
		}
	}
}

// A line that is full although its room should be there by now: it is not known
// when there will be room. A nanosecond earlier it was.
func TestRoomThatShouldBeThere(t *testing.T) {
	l := line.Line{Number: handle("+14157770000"), NewChats: 5, Limits: line.Limits{NewChatsPerDay: 5}}
	held := line.Line{Number: l.Number, Failovers: 5, NewChats: 5, Limits: line.Limits{NewChatsPerDay: 6}}
	for ahead, known := range map[time.Duration]bool{-time.Hour: false, 0: false, 1: true} {
		l.NewChatsFullUntil, held.FailoversFullUntil = epoch.Add(ahead), epoch.Add(ahead)
		for _, full := range []line.Line{l, held} {
			v := byHand(t, []line.Line{full}, ViewOptions{At: epoch, Guard: line.Guard{FailoverShare: 50}})
			want := time.Time{}
			if known {
				want = epoch.Add(ahead)
			}
			require.False(t, v.BestRef(Query{Failover: true}).IsValid())
			require.Equal(t, want, v.Find(l.Number).NextFree(true), ahead)
			require.Equal(t, want, v.PassedOver(Query{Failover: true}).NextFree, ahead)
		}
	}
}

// A Ref says what the guard makes of its line, and the zero Ref says nothing.
func TestRefSaysWhatTheGuardMakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guard, policy := drawGuard(t), Policy{AllowCritical: true}
		lines := rapid.SliceOfNDistinct(rapid.Custom(drawLine), 1, 12, func(l line.Line) recipients.Handle { return l.Number }).Draw(t, "lines")
		v := byHand(t, lines, ViewOptions{Policy: policy, Guard: guard, At: epoch})
		for _, l := range lines {
			b, r := plainBounds(l, guard, epoch), v.Find(l.Number)
			day, young := r.Day()
			require.Equal(t, b.Young, young)
			if young {
				require.Equal(t, b.Day, day)
			}
			require.Equal(t, []any{b.Pace, b.Failovers, l.Failovers, b.Allowance}, []any{r.Pace(), r.FailoverLimit(), r.Failovers(), r.Allowance()})
			require.Equal(t, b.Pace.Slot(l.PacedAt), r.Slot())
			for _, failover := range []bool{false, true} {
				q := Query{Failover: failover}
				require.Equal(t, plainNextFree([]line.Line{l}, policy, guard, epoch, q), r.NextFree(failover))
			}
		}
	})
	var none Ref
	day, young := none.Day()
	require.Equal(t, []any{line.Pace{}, 0, 0, 0, 0, false, time.Time{}, time.Time{}, time.Time{}},
		[]any{none.Pace(), none.FailoverLimit(), none.Failovers(), none.Allowance(), day, young, none.Slot(), none.NextFree(false), none.NextFree(true)})
}

// What a commit found full is left out, also by a clock that says that the time
// has come: the next pick is another one.
func TestFullByAnotherClock(t *testing.T) {
	one, two := handle("+14157770000"), handle("+14157770001")
	f := newFleet(t, Options{HoldFor: time.Minute}, line.Line{Number: one}, line.Line{Number: two, Status: line.Flagged})
	contact, err := recipients.NewSet(handle("+14155550177"))
	require.NoError(t, err)
	q := Query{Recipients: contact}
	at := epoch
	for range 3 {
		v, err := f.View(t.Context(), "acme", at)
		require.NoError(t, err)
		require.Equal(t, one, v.BestRef(q).Number())
		f.Full("acme", one, at.Add(-time.Hour))
		v, err = f.View(t.Context(), "acme", at)
		require.NoError(t, err)
		require.False(t, v.BestRef(q).IsValid())
		at = at.Add(time.Minute)
		require.Equal(t, Counts{NewChatLimit: 1, Flagged: 1, NextFree: at}, v.PassedOver(q))
	}
}
