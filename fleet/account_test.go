package fleet

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// accountModel is an account as a plain list of picks, each by itself.
type accountModel struct {
	held   map[int64]held // by the time of their sends
	unseen []confirmed
}

type held struct {
	until     int64
	n         int
	failovers int // of n
}

type confirmed struct {
	hour     int64
	polls    uint64
	failover bool
}

// inWindow returns how many confirmed picks count in the window of an hour, and
// how many of them are failovers.
func (m *accountModel) inWindow(hour int64) (n, failovers int) {
	for _, c := range m.unseen {
		if c.hour > hour-line.WindowHours {
			n++
			failovers += int(oneIf(c.failover))
		}
	}
	return n, failovers
}

func (m *accountModel) inFlight() (n, failovers int) {
	for _, h := range m.held {
		n += h.n
		failovers += h.failovers
	}
	return n, failovers
}

// TestAccountIsAListOfPicks proves what a fleet knows of one number, its use
// and when time alone changes that, against such a list.
func TestAccountIsAListOfPicks(t *testing.T) {
	const base = 490_000 // an hour
	rapid.Check(t, func(t *rapid.T) {
		a, m := account{}, accountModel{held: map[int64]held{}}
		a.fullUntil = (base + rapid.Int64Range(-2, 40).Draw(t, "full until")) * nanosPerHour
		a.spent = (base + rapid.Int64Range(-2, 40).Draw(t, "spent until")) * nanosPerHour
		hour := rapid.Int64Range(base-2, base+60)
		moment := rapid.Custom(func(t *rapid.T) int64 {
			return hour.Draw(t, "hour")*nanosPerHour + rapid.Int64Range(0, 1).Draw(t, "later")
		})
		polls := rapid.Uint64Range(1, 5)
		newest := rapid.Int64Range(base-3, base+1).Draw(t, "newest hour of the store")
		a.newChats.newest = newest

		t.Repeat(map[string]func(*rapid.T){
			"hold": func(t *rapid.T) {
				at, until := moment.Draw(t, "at"), moment.Draw(t, "until")
				failover := rapid.Bool().Draw(t, "failover")
				a.hold(at, until, failover)
				h := m.held[at]
				m.held[at] = held{max(h.until, until), h.n + 1, h.failovers + int(oneIf(failover))}
			},
			"release": func(t *rapid.T) {
				at := moment.Draw(t, "at")
				if len(m.held) > 0 && rapid.Bool().Draw(t, "one that is there") {
					at = a.held[rapid.IntRange(0, len(a.held)-1).Draw(t, "which")].at
				}
				h, there := m.held[at]
				failover := h.failovers > 0 && (h.failovers == h.n || rapid.Bool().Draw(t, "failover"))
				require.Equal(t, there, a.release(at, failover))
				if h.n > 1 {
					m.held[at] = held{h.until, h.n - 1, h.failovers - int(oneIf(failover))}
				} else {
					delete(m.held, at)
				}
			},
			"confirm": func(t *rapid.T) {
				c := confirmed{hour.Draw(t, "in hour"), polls.Draw(t, "polls"), rapid.Bool().Draw(t, "failover")}
				a.confirm(0, 0, c.hour, c.polls, c.failover)
				c.hour = max(c.hour, newest)
				m.unseen = append(m.unseen, c)
			},
			"see": func(t *rapid.T) {
				poll := polls.Draw(t, "poll")
				a.see(poll)
				m.unseen = slices.DeleteFunc(m.unseen, func(c confirmed) bool { return c.polls < poll })
			},
			"prune": func(t *rapid.T) {
				now := moment.Draw(t, "now")
				a.prune(now)
				for at, h := range m.held {
					if h.until <= now {
						delete(m.held, at)
					}
				}
				m.unseen = slices.DeleteFunc(m.unseen, func(c confirmed) bool { return c.hour <= hourOf(now)-line.WindowHours })
			},
			"": func(t *rapid.T) {
				now := moment.Draw(t, "now")
				total := a.total(hourOf(now))
				newestHour := max(newest, hourOf(now))
				for _, c := range m.unseen {
					newestHour = max(newestHour, c.hour)
				}
				require.Equal(t, newestHour, total.Hour)
				counted, failovers := m.inWindow(newestHour)
				flying, takeovers := m.inFlight()
				require.Equal(t, counted+flying, total.Window(newestHour))
				require.Equal(t, failovers+takeovers, total.FailoversWindow(newestHour))

				// Nothing changes before the moment that is said, and something may then.
				want := int64(math.MaxInt64)
				sooner := func(at int64) {
					if at > now && at < want {
						want = at
					}
				}
				oldest := int64(math.MaxInt64)
				for _, c := range m.unseen {
					if c.hour > newestHour-line.WindowHours {
						oldest = min(oldest, c.hour)
					}
				}
				if flying > 0 {
					oldest = min(oldest, newestHour)
				}
				if oldest < math.MaxInt64 {
					sooner((oldest + line.WindowHours) * nanosPerHour)
				}
				messagesUntil := moment.Draw(t, "messages until")
				sooner(messagesUntil)
				sooner(a.fullUntil)
				sooner(a.spent)
				for _, h := range m.held {
					sooner(h.until)
				}
				require.Equal(t, want, a.next(&total, now, messagesUntil))

				// It keeps no more than it has to.
				require.Len(t, a.held, len(m.held))
				kinds := map[confirmed]int{}
				for _, c := range m.unseen {
					c.failover = false // of one bucket with the others
					kinds[c]++
				}
				require.Len(t, a.unseen, len(kinds))
			},
		})
	})
}

// A confirmed pick is forgotten when its window is over, to the nanosecond.
func TestAccountsForgetAfterTheWindow(t *testing.T) {
	const hour = 490_000
	var a account
	a.confirm(0, 0, hour, 1, false)
	a.prune((hour+line.WindowHours)*nanosPerHour - 1)
	require.Len(t, a.unseen, 1)
	a.prune((hour + line.WindowHours) * nanosPerHour)
	require.Empty(t, a.unseen)
}

// The pace goes on from what other processes opened by as many steps as were
// committed here and no poll has shown; what nothing paced moves it by no more.
func TestCommittedPicksPaceFromThere(t *testing.T) {
	const step, at = 5_000_000, 1_000_000_000
	var a account
	a.confirm(at, step, 0, 1, false)
	require.EqualValues(t, at+step, a.committed(step))
	a.pacedAt = at + 10*step // of another process
	require.EqualValues(t, at+11*step, a.committed(step))
	a.confirm(at, step, 0, 1, false)
	require.EqualValues(t, at+12*step, a.committed(step))

	var free account
	free.confirm(at, 0, 0, 1, false)
	require.EqualValues(t, step, free.committed(step))
	require.Zero(t, free.committed(0))
}

// The pace of a line without a store is that of its picks one after the other,
// those that were committed and those in flight, whose times stores cut to
// microseconds.
func TestPaceIsAListOfPicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a account
		step := rapid.Int64Range(1, 5_000_000).Draw(t, "step")
		moment := rapid.Int64Range(-10_000, 10_000_000)
		var want int64
		for range rapid.IntRange(0, 10).Draw(t, "committed") {
			at := moment.Draw(t, "at")
			a.confirm(at, step, 0, 1, false)
			want = max(want, at) + step
			require.Equal(t, want, a.committed(step))
			require.Equal(t, want, a.paced(step), "nothing is in flight")
		}
		for range rapid.IntRange(0, 3).Draw(t, "times of flights") {
			at, n := moment.Draw(t, "sent at"), rapid.Int64Range(1, 3).Draw(t, "sends")
			if slices.ContainsFunc(a.held, func(h hold) bool { return h.at == at }) {
				continue
			}
			for range n {
				a.hold(at, math.MaxInt64, false)
			}
			cut := cutToMicros(at)
			require.Equal(t, 1000*time.Unix(0, at).UnixMicro(), cut)
			want = max(want, cut) + n*step
			require.Equal(t, want, a.paced(step))
		}
	})
}
