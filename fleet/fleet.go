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

// Fleet holds the lines of many tenants in an index that finds the best of a
// million lines in microseconds. It is safe for concurrent use and starts no
// goroutine. It reads the clock only for polls, for its source and for the
// times of events.
//
// Calls, or the source, set the lines. Events change their health: those of
// [Fleet.ReportLine], and those of other processes that [Fleet.Follow] reads
// from a store. [Fleet.Reserve] counts the use of the lines that this process
// picks, and the store counts that of all processes. A fleet that follows no
// store counts only its own picks.
type Fleet struct {
	options Options
	order   atomic.Pointer[order]

	tenants directory

	mu       sync.RWMutex
	owners   map[uint64]*lineup // the tenant of each line, by digits
	watchers []Watcher

	polling  inquiries   // the poll on its way; the next three belong to the goroutine that makes it
	page     int         // how many changes a call asks for
	states   line.Change // how far the states were read
	uses     line.Change // how far the use was read
	polls    atomic.Uint64
	lastPoll atomic.Pointer[time.Time] // when the last good poll began; nil before Sync or Follow
	nudge    chan struct{}

	inquiries inquiries // questions to the source
}

// New returns a fleet without tenants. It fails if the policy ([ErrPolicy]) or
// the guard ([line.ErrGuard]) cannot be used, or if a duration is out of range
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
// send. If many lines change with time at once, such as at the end of an hour,
// the view may be of a slightly earlier moment ([View.At]): it may then count
// too much use, but never too little. The time of a tenant never runs
// backwards: a time before the latest one that View was given counts as that
// latest one.
//
// The error is [ErrUnknownTenant]; [ErrStale] if the last good poll of the
// store, or the last good answer of the source, is too old; or that of the
// context, which View checks only while it asks the source.
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

// known returns the lines of a tenant, nil if it was never told which they
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
