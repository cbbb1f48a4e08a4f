package fleet

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/internal/absent"
	"github.com/fromline/fromline/line"
)

// Fleet is the lines of many tenants, kept so that the best of a million is
// found at once. It is safe for concurrent use, starts no goroutine, and reads
// no clock but for polls and the times of events.
//
// Lines are set by calls; their health changes by events, [Fleet.ReportLine] or
// those of other processes that [Fleet.Follow] finds in a store; their use is
// counted by [Fleet.Reserve] when a line is picked, and by the store for the
// other processes. A fleet that follows no store counts what it picked itself.
type Fleet struct {
	options Options
	order   atomic.Pointer[order]

	tenants directory

	mu     sync.RWMutex
	owners map[uint64]*lineup // the tenant of each line, by digits

	polling  inquiries   // the poll on its way; the next three belong to the goroutine that makes it
	page     int         // how many changes a call asks for
	states   line.Change // how far the states were read
	uses     line.Change // how far the use was read
	polls    atomic.Uint64
	lastPoll atomic.Pointer[time.Time] // when the last good poll began; nil before Sync or Follow
	nudge    chan struct{}

	inquiries inquiries // questions to the source
}

// New returns a fleet without tenants. It fails where the policy cannot be used
// ([ErrPolicy]) or the guard ([line.ErrGuard]), or a duration is out of range
// ([ErrOptions]).
func New(options Options) (*Fleet, error) {
	o, err := newOrder(options.Policy, options.Guard)
	if err != nil {
		return nil, err
	}
	defaultTo(&options.PollEvery, defaultPollEvery)
	defaultTo(&options.RefreshEvery, defaultRefreshEvery)
	defaultTo(&options.StaleAfter, defaultStaleAfter)
	defaultTo(&options.ActWithin, min(defaultActWithin, options.StaleAfter))
	defaultTo(&options.HoldFor, defaultHoldFor)
	switch {
	case options.PollEvery < 0 || options.PollEvery > maxPollEvery:
		return nil, fmt.Errorf("%w: PollEvery %v is not between 0 and %v", ErrOptions, options.PollEvery, maxPollEvery)
	case options.StaleAfter < options.PollEvery:
		return nil, fmt.Errorf("%w: StaleAfter %v is less than PollEvery %v", ErrOptions, options.StaleAfter, options.PollEvery)
	case options.ActWithin < options.PollEvery:
		return nil, fmt.Errorf("%w: ActWithin %v is less than PollEvery %v", ErrOptions, options.ActWithin, options.PollEvery)
	case options.Source != nil && absent.Is(options.Source):
		return nil, fmt.Errorf("%w: Source is a nil %T: leave it out, or give one that was made", ErrOptions, options.Source)
	case options.RefreshEvery < 0:
		return nil, fmt.Errorf("%w: RefreshEvery %v is negative", ErrOptions, options.RefreshEvery)
	case options.Source != nil && options.StaleAfter < options.RefreshEvery:
		return nil, fmt.Errorf("%w: StaleAfter %v is less than RefreshEvery %v", ErrOptions, options.StaleAfter, options.RefreshEvery)
	case options.Assigned != nil && !options.Assigned.Services.IsValid():
		return nil, fmt.Errorf("%w: Assigned: build the set of services with line.Services", ErrOptions)
	case options.HoldFor < 0:
		return nil, fmt.Errorf("%w: HoldFor %v is negative", ErrOptions, options.HoldFor)
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	f := &Fleet{options: options, owners: map[uint64]*lineup{}, nudge: make(chan struct{}, 1), page: pageSize}
	f.order.Store(o)
	return f, nil
}

func defaultTo(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// slice is how many lines a single call brings up to date when time has passed.
const slice = 16

// View returns the lines of a tenant as of the given time, which is that of the
// send. Where time has changed more lines than one call should wait for, the
// view is of a slightly earlier moment ([View.At]), which over-counts use and
// never under-counts it. The time of a tenant never runs backwards: a time
// before the latest one asked for counts as the latest one.
//
// The error is [ErrUnknownTenant]; [ErrStale] where the fleet has lost touch
// with the store it follows or with its source; or that of the context, which
// is looked at only while the source is asked.
func (f *Fleet) View(ctx context.Context, tenant string, at time.Time) (View, error) {
	if f.options.Source != nil {
		if err := f.refresh(ctx, tenant); err != nil {
			return View{}, err
		}
	}
	t := f.known(tenant)
	if t == nil {
		return View{}, fmt.Errorf("%w: %q has no lines", ErrUnknownTenant, tenant)
	}
	if f.lastPoll.Load() != nil { // else a look at the clock is for nothing
		if err := f.Fresh(); err != nil {
			return View{}, err
		}
	}
	now := nanos(at)
	if s := t.view.Load(); s != nil && now < s.until {
		return View{s}, nil
	}
	t.mu.Lock()
	defer t.unlock()
	t.advance(now, slice)
	return View{t.snapshot()}, nil
}

// known returns the lines of a tenant, nil where it was never told which they
// are.
func (f *Fleet) known(name string) *lineup {
	if t := f.tenants.find(name); t != nil && t.known.Load() {
		return t
	}
	return nil
}

// lineup returns the lines of a tenant, with none if it is new.
func (f *Fleet) lineup(name string) *lineup {
	return f.tenants.open(name, func() *lineup { return newLineup(name, f.order.Load(), int64(f.options.HoldFor)) })
}

// Where a line stands among those that are set, for errors.
const (
	inList = "lines[%d]"
	inFile = "/phone_numbers/%d"
)
