package httpapi

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"
)

// handClock is a clock that a test sets.
type handClock struct{ now time.Time }

func newHandClock() *handClock             { return &handClock{beginning} }
func (c *handClock) tell() time.Time       { return c.now }
func (c *handClock) move(by time.Duration) { c.now = c.now.Add(by) }

var beginning = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// TestRate is the law of the limit: in any stretch of time a tenant makes at
// most its burst and what its rate adds, however many others make requests; and
// a caller that waits as long as told may go on, and not before. A clock that
// is set back takes nothing from anybody.
func TestRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Float64Range(0.1, 100).Draw(t, "rate")
		burst := rapid.IntRange(1, 10).Draw(t, "burst")
		clock := newHandClock()
		l := newLimits(rate.Limit(limit), burst, clock.tell)
		l.sweep = 2
		var passed time.Duration
		pass := func(d time.Duration) {
			clock.move(d)
			passed += d
		}
		made := map[string]int{}
		for range rapid.IntRange(1, 80).Draw(t, "requests") {
			if rapid.IntRange(0, 9).Draw(t, "set back") == 0 {
				clock.move(-time.Duration(rapid.IntRange(1, 10_000).Draw(t, "s")) * time.Second)
				l.wait("another") // and notices it
			}
			pass(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			tenant := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "tenant"))
			wait := l.wait(tenant)
			if wait > 0 {
				pass(wait - wait/10 - 1)
				require.Positive(t, l.wait(tenant), "it was told to wait for too long")
				pass(wait/10 + 1)
				wait = l.wait(tenant)
			}
			require.Zero(t, wait, "a caller that waited may go on")
			made[tenant]++
			require.LessOrEqual(t, float64(made[tenant]), float64(burst)+limit*passed.Seconds()+1e-6)
		}
	})
}

// letThrough counts how many requests of a crowd at one tenant need not wait,
// when each member of the crowd makes so many.
func letThrough(l *limits, crowd, requests int) int64 {
	var made atomic.Int64
	var wg sync.WaitGroup
	for range crowd {
		wg.Go(func() {
			for range requests {
				if l.wait("a") == 0 {
					made.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return made.Load()
}

// TestCrowdAtOneTenant is the same law when many make requests at once: at one
// instant the burst is let through and nobody else, and all that were refused
// have taken nothing, so that a moment later as many go on as the rate has
// added.
func TestCrowdAtOneTenant(t *testing.T) {
	const crowd, requests, burst, perSecond = 16, 200, 5, 3
	clock := newHandClock()
	l := newLimits(perSecond, burst, clock.tell)
	for second := range 20 {
		made := letThrough(l, crowd, requests)
		want := int64(perSecond)
		if second == 0 {
			want = burst
		}
		require.Equal(t, want, made, "second %d", second)
		clock.move(time.Second)
	}
}

// TestCrowdWhileTimePasses says that time is credited once, however long a
// request takes between the look at the clock and its turn. Each look at this
// clock takes a millisecond.
func TestCrowdWhileTimePasses(t *testing.T) {
	const crowd, requests, burst, perSecond = 16, 500, 5, 100
	var looks atomic.Int64
	l := newLimits(perSecond, burst, func() time.Time { return beginning.Add(time.Duration(looks.Add(1)) * time.Millisecond) })
	made := letThrough(l, crowd, requests)
	passed := float64(looks.Load()) / 1000
	require.InDelta(t, burst+perSecond*passed, made, burst, "burst and what the rate added, and no more")
	require.LessOrEqual(t, float64(made), burst+perSecond*passed)
}

// TestLowestRate says that the longest wait that a tenant is told is less than
// three hours.
func TestLowestRate(t *testing.T) {
	l := newLimits(minRate, 1, newHandClock().tell)
	require.Zero(t, l.wait("a"))
	require.InDelta(t, 10_000, l.wait("a").Seconds(), 1)
}

// TestIdleTenantsAreForgotten says that tenants that come once cost no memory
// for ever.
func TestIdleTenantsAreForgotten(t *testing.T) {
	clock := newHandClock()
	l := newLimits(1, 1, clock.tell)
	for i := range 100_000 {
		clock.move(10 * time.Millisecond)
		l.wait(fmt.Sprint(i))
	}
	require.LessOrEqual(t, len(l.limiters), minSweep)
}
