package httpapi

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"
)

// TestRate is the law of the limit: in any stretch of time a tenant makes at most
// its burst and what its rate adds, whoever else makes requests; and whoever waits
// as long as told may go on.
func TestRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Float64Range(0.1, 100).Draw(t, "rate")
		burst := rapid.IntRange(1, 10).Draw(t, "burst")
		l := newLimits(rate.Limit(limit), burst)
		l.sweep = 2
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		began, made := now, map[string]int{}
		for range rapid.IntRange(1, 80).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			tenant := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "tenant"))
			wait := l.wait(tenant, now)
			if wait > 0 {
				require.Positive(t, l.wait(tenant, now.Add(wait-wait/10-1)), "it was told to wait for too long")
				now = now.Add(wait)
				wait = l.wait(tenant, now)
			}
			require.LessOrEqual(t, wait, time.Microsecond, "whoever waited may go on")
			if wait == 0 {
				made[tenant]++
			}
			require.LessOrEqual(t, float64(made[tenant]), float64(burst)+limit*now.Sub(began).Seconds()+1e-6)
		}
	})
}

// TestIdleTenantsAreForgotten says that tenants that come once cost no memory for
// ever.
func TestIdleTenantsAreForgotten(t *testing.T) {
	l := newLimits(1, 1)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 100_000 {
		now = now.Add(10 * time.Millisecond)
		l.wait(fmt.Sprint(i), now)
	}
	require.LessOrEqual(t, len(l.limiters), minSweep)
}
