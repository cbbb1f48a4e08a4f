package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/recipients"
)

// contact opens a chat with a new person: it decides on a view, reserves, and
// decides again where another one was faster. It returns false if no line can
// open.
func contact(t require.TestingT, f *Fleet, tenant string, at time.Time, q Query) (recipients.Handle, bool) {
	for {
		v, err := f.View(context.Background(), tenant, at)
		require.NoError(t, err)
		pick, ok := v.Best(q)
		if !ok {
			return recipients.Handle{}, false
		}
		if f.Reserve(tenant, at, q, pick.Line.Number) {
			return pick.Line.Number, true
		}
	}
}

// Equal lines differ by at most one chat, however many senders there are at
// once.
func TestConcurrentContactsSpreadEvenly(t *testing.T) {
	for _, c := range []struct {
		lines, senders, each int
		source               bool // the lines come from a host's own table
	}{{10, 64, 7, false}, {64, 64, 1, false}, {200, 64, 5, false}, {7, 1, 100, false}, {40, 64, 1, false}, {40, 64, 1, true}} {
		t.Run(fmt.Sprintf("lines=%d/senders=%d/source=%t", c.lines, c.senders, c.source), func(t *testing.T) {
			var f *Fleet
			if lines := equalLines(c.lines, 0); c.source {
				h := &hostTable{}
				h.say("acme", nil, lines...)
				f = over(t, h, Options{RefreshEvery: 1, StaleAfter: time.Hour}) // asked at every pick
			} else {
				f = newFleet(t, Options{}, lines...)
			}
			var all sync.WaitGroup
			for s := range c.senders {
				all.Go(func() {
					for i := range c.each {
						line, ok := contact(t, f, "acme", epoch, toOne(s*c.each+i))
						if ok {
							f.Confirm("acme", epoch, line, false)
						}
					}
				})
			}
			all.Wait()
			counts := use(t, f, epoch)
			require.LessOrEqual(t, slices.Max(counts)-slices.Min(counts), 1)
			require.Equal(t, c.senders*c.each, sum(counts))
		})
	}
}

// Whatever fails and whichever caller is faster, no line goes over its limit,
// and every slot is used in the end.
func TestConcurrentContactsKeepLimits(t *testing.T) {
	const lines, limit, senders = 8, 5, 64
	f := newFleet(t, Options{}, equalLines(lines, limit)...)
	var all sync.WaitGroup
	var mu sync.Mutex
	opened := map[recipients.Handle]int{}
	for s := range senders {
		all.Go(func() {
			line, ok := contact(t, f, "acme", epoch, toOne(s))
			if !ok {
				return
			}
			if s%3 == 0 { // its commit fails, and it tries again
				f.Release("acme", epoch, line, false)
				if line, ok = contact(t, f, "acme", epoch, toOne(s)); !ok {
					return
				}
			}
			f.Confirm("acme", epoch, line, false)
			mu.Lock()
			opened[line]++
			mu.Unlock()
		})
	}
	all.Wait()
	total := 0
	for line, n := range opened {
		require.LessOrEqual(t, n, limit, line)
		total += n
	}
	for i := total; i < lines*limit; i++ { // slots that were held while others gave up
		_, ok := contact(t, f, "acme", epoch, toOne(1000+i))
		require.True(t, ok)
	}
	_, ok := contact(t, f, "acme", epoch, toOne(2000))
	require.False(t, ok, "every slot is used")
}

func sum(counts []int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

// Reserving one after the other is what a fleet does that is used by many: the
// same contacts in any interleaving of view, reservation and end leave the same
// use as one after the other.
func TestInterleavedIsSequential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "lines")
		one, many := newFleet(t, Options{}, equalLines(n, 0)...), newFleet(t, Options{}, equalLines(n, 0)...)
		contacts := rapid.IntRange(1, 40).Draw(t, "contacts")
		for i := range contacts {
			line, _ := contact(t, one, "acme", epoch, toOne(i))
			one.Confirm("acme", epoch, line, false)
		}
		waiting := make([]int, contacts)
		for i := range waiting {
			waiting[i] = i
		}
		views := make([]View, contacts) // what each sender saw last
		for len(waiting) > 0 {
			at := rapid.IntRange(0, len(waiting)-1).Draw(t, "sender")
			i := waiting[at]
			if views[i].Len() == 0 || rapid.Bool().Draw(t, "look again") {
				var err error
				views[i], err = many.View(context.Background(), "acme", epoch)
				require.NoError(t, err)
			}
			pick, _ := views[i].Best(toOne(i)) // perhaps on an old view
			if many.Reserve("acme", epoch, toOne(i), pick.Line.Number) {
				many.Confirm("acme", epoch, pick.Line.Number, false)
				waiting = slices.Delete(waiting, at, at+1)
			}
		}
		a, b := use(t, one, epoch), use(t, many, epoch)
		slices.Sort(a)
		slices.Sort(b)
		require.Equal(t, a, b)
	})
}

// A reservation that nobody settles counts for as long as it may, and no
// longer; one that is settled after that changes nobody else's.
func TestReservationsExpire(t *testing.T) {
	f := newFleet(t, Options{HoldFor: 10 * time.Second}, equalLines(1, 0)...)
	line, _ := contact(t, f, "acme", epoch, toOne(1))
	require.Equal(t, []int{1}, use(t, f, epoch.Add(9*time.Second)))
	require.Equal(t, []int{0}, use(t, f, epoch.Add(10*time.Second)))

	later := epoch.Add(11 * time.Second)
	contact(t, f, "acme", later, toOne(2))
	f.Release("acme", epoch, line, false) // the first one, too late
	require.Equal(t, []int{1}, use(t, f, later))
	f.Confirm("acme", epoch, line, false) // it was committed after all
	require.Equal(t, []int{2}, use(t, f, later))
	f.Confirm("acme", later, line, false)
	require.Equal(t, []int{2}, use(t, f, later))
}

// A line that a commit found full is left out until its slot frees.
func TestFullLinesAreLeftOut(t *testing.T) {
	f := newFleet(t, Options{}, equalLines(2, 5)...)
	until := epoch.Add(30 * time.Minute)
	first, _ := contact(t, f, "acme", epoch, toOne(1))
	f.Release("acme", epoch, first, false)
	f.Full("acme", first, until)
	next, ok := contact(t, f, "acme", epoch, toOne(1))
	require.True(t, ok)
	require.NotEqual(t, first, next)
	f.Full("acme", next, until.Add(time.Hour))
	_, ok = contact(t, f, "acme", epoch, toOne(1))
	require.False(t, ok)

	v, err := f.View(context.Background(), "acme", epoch)
	require.NoError(t, err)
	require.Equal(t, Counts{NewChatLimit: 2, NextFree: until}, v.PassedOver(toOne(1)))

	f.Full("acme", next, until) // what another sender found earlier does not shorten it
	v, err = f.View(context.Background(), "acme", until)
	require.NoError(t, err)
	require.Equal(t, 1, v.PassedOver(toOne(1)).Eligible)

	again, ok := contact(t, f, "acme", until, toOne(1))
	require.True(t, ok)
	require.Equal(t, first, again)

	// A changed limit is another limit.
	l := equalLines(2, 6)
	for _, l := range l {
		require.NoError(t, f.PutLine("acme", l))
	}
	v, err = f.View(context.Background(), "acme", until)
	require.NoError(t, err)
	require.Equal(t, 2, v.PassedOver(Query{}).Eligible)
}

// A line with a limit frees its slots hour by hour, 25 hours after they were
// taken.
func TestSlotsFreeByTheHour(t *testing.T) {
	f := newFleet(t, Options{}, equalLines(1, 2)...)
	hour := epoch.Truncate(time.Hour)
	for _, at := range []time.Time{hour.Add(50 * time.Minute), hour.Add(3 * time.Hour)} {
		line, ok := contact(t, f, "acme", at, toOne(1))
		require.True(t, ok)
		f.Confirm("acme", at, line, false)
	}
	for _, c := range []struct {
		after time.Duration
		open  bool
		next  time.Time
	}{
		{3 * time.Hour, false, hour.Add(25 * time.Hour)},
		{25*time.Hour - 1, false, hour.Add(25 * time.Hour)},
		{25 * time.Hour, true, time.Time{}},
	} {
		_, err := f.View(context.Background(), "acme", hour.Add(c.after))
		require.NoError(t, err)
		require.NoError(t, f.PutLine("acme", equalLines(1, 2)[0]), "its use is counted anew")
		v, err := f.View(context.Background(), "acme", hour.Add(c.after))
		require.NoError(t, err)
		_, ok := v.Best(toOne(2))
		require.Equal(t, c.open, ok, c.after)
		require.Equal(t, c.next, v.PassedOver(toOne(2)).NextFree, c.after)
	}
}

// A pick of a time before the latest one that was asked about, as clocks that
// differ or jump make them, is counted all the same: by the hour of the view.
func TestPicksOfThePastCount(t *testing.T) {
	f := newFleet(t, Options{}, equalLines(1, 1)...)
	line, ahead := equalLines(1, 1)[0].Number, epoch.AddDate(1, 0, 0)
	require.Equal(t, []int{0}, use(t, f, ahead))
	require.True(t, f.Reserve("acme", epoch, toOne(1), line))
	require.Equal(t, []int{1}, use(t, f, epoch))
	f.Confirm("acme", epoch, line, false)
	require.Equal(t, []int{1}, use(t, f, epoch))
	require.False(t, f.Reserve("acme", epoch, toOne(2), line))
}

// What is confirmed in a later hour than it was reserved in takes its slot
// until that hour leaves the window.
func TestConfirmedInALaterHour(t *testing.T) {
	f := newFleet(t, Options{}, equalLines(1, 1)...)
	hour := epoch.Truncate(time.Hour)
	later := hour.Add(time.Hour)
	line, ok := contact(t, f, "acme", later.Add(-1), toOne(1))
	require.True(t, ok)
	require.Equal(t, []int{1}, use(t, f, later))
	f.Confirm("acme", later.Add(-1), line, false)
	v, err := f.View(context.Background(), "acme", later)
	require.NoError(t, err)
	require.Equal(t, later.Add(25*time.Hour), v.PassedOver(toOne(1)).NextFree)
}

// When an hour passes only the lines that were used are touched, a few at each
// call; until then their use is too high and never too low.
func TestHoursPassInSlices(t *testing.T) {
	const n = 5 * slice
	f := newFleet(t, Options{}, equalLines(n, 0)...)
	for _, l := range equalLines(n, 0) {
		f.Confirm("acme", epoch, l.Number, false)
	}
	later := epoch.Truncate(time.Hour).Add(25 * time.Hour)
	for call := 1; call <= 5; call++ {
		v, err := f.View(context.Background(), "acme", later)
		require.NoError(t, err)
		old := 0
		for l := range v.All() {
			old += l.NewChats
		}
		require.Equal(t, n-call*slice, old)
		require.Equal(t, call == 5, v.At().Equal(later))
	}

	synctest.Test(t, func(t *testing.T) { // a caller that follows does not wait for calls
		f := newFleet(t, Options{}, equalLines(n, 0)...)
		now := time.Now()
		for _, l := range equalLines(n, 0) {
			f.Confirm("acme", now, l.Number, false)
		}
		time.Sleep(26 * time.Hour)
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		go func() { _ = f.Follow(ctx, newMemorySource()) }()
		synctest.Wait()
		require.Equal(t, 0, sum(use(t, f, time.Now())))
	})
}
