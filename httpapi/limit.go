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
	clock func() time.Time

	mu       sync.Mutex
	looked   time.Time // what the clock told last
	now      time.Time // the time of the limiters, which never goes back
	limiters map[string]*rate.Limiter
	sweep    int // forget idle tenants when there are more than this
}

const minSweep = 1024

func newLimits(r rate.Limit, burst int, clock func() time.Time) *limits {
	return &limits{rate: r, burst: burst, clock: clock, looked: clock(), limiters: map[string]*rate.Limiter{}, sweep: minSweep}
}

// wait counts a request and returns how long the tenant has to wait before it
// may make it, zero if it may now. What has to wait is not counted.
func (l *limits) wait(tenant string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look()
	limiter := l.of(tenant)
	if limiter.AllowN(l.now, 1) {
		return 0
	}
	// A reservation that is cancelled would tell the wait too, but gives back
	// nothing when another one was made since.
	missing := 1 - limiter.TokensAt(l.now)
	return 1 + time.Duration(missing/float64(l.rate)*float64(time.Second))
}

// look moves the time on by what has passed on the clock since the last look.
// It is called with the lock held: a limiter that is shown an earlier time than
// before goes back to it, and credits the time between twice.
func (l *limits) look() {
	told := l.clock()
	if passed := told.Sub(l.looked); passed > 0 {
		l.now = l.now.Add(passed) // a clock that was set back adds nothing
	}
	l.looked = told
}

func (l *limits) of(tenant string) *rate.Limiter {
	limiter := l.limiters[tenant]
	if limiter == nil {
		if len(l.limiters) >= l.sweep {
			l.forgetIdle()
		}
		limiter = rate.NewLimiter(l.rate, l.burst)
		l.limiters[tenant] = limiter
	}
	return limiter
}

// forgetIdle drops limiters that are as good as new.
func (l *limits) forgetIdle() {
	for tenant, limiter := range l.limiters {
		if limiter.TokensAt(l.now) >= float64(l.burst) {
			delete(l.limiters, tenant)
		}
	}
	l.sweep = max(minSweep, 2*len(l.limiters))
}
