package httpapi

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits are the rate limiters of the tenants.
type limits struct {
	rate  rate.Limit
	burst int

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	sweep    int // forget idle tenants when there are more than this
}

const minSweep = 1024

func newLimits(r rate.Limit, burst int) *limits {
	return &limits{rate: r, burst: burst, limiters: map[string]*rate.Limiter{}, sweep: minSweep}
}

// wait counts a request and returns how long the tenant has to wait before it may
// make it, zero if it may now; then it is not counted.
func (l *limits) wait(tenant string, now time.Time) time.Duration {
	r := l.of(tenant, now).ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if delay > 0 {
		r.CancelAt(now)
	}
	return delay
}

func (l *limits) of(tenant string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.limiters[tenant]
	if limiter == nil {
		if len(l.limiters) >= l.sweep {
			l.forgetIdle(now)
		}
		limiter = rate.NewLimiter(l.rate, l.burst)
		l.limiters[tenant] = limiter
	}
	return limiter
}

// forgetIdle drops limiters that are as good as new.
func (l *limits) forgetIdle(now time.Time) {
	for tenant, limiter := range l.limiters {
		if limiter.TokensAt(now) >= float64(l.burst) {
			delete(l.limiters, tenant)
		}
	}
	l.sweep = max(minSweep, 2*len(l.limiters))
}
