package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/internal/absent"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
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

// Lines returns the lines of a tenant as they are now, in the order of their
// numbers: a Fleet is a [LineHealth] too. The errors are those of [Fleet.View].
func (f *Fleet) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	view, err := f.View(ctx, tenant, f.options.Clock())
	if err != nil {
		return nil, err
	}
	return slices.Collect(view.All()), nil
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

// SetLines makes the given lines those of the tenant, all and only these. What
// was learned about a line stays in force unless the line's ChangedAt is later;
// its use stays as well, and NewChats and the times until which it is full are
// ignored. Views taken before do not change.
//
// Equal lines are one line. It changes nothing where a line cannot be used
// ([line.ErrLine]), where two lines of one number differ, or where a number
// belongs to another tenant (both [ErrTaken]). The empty tenant is an error
// ([ErrUnknownTenant]), and so is a fleet with a source ([ErrOptions]).
func (f *Fleet) SetLines(tenant string, lines []line.Line) error {
	if err := f.settable(tenant); err != nil {
		return err
	}
	return f.setLines(tenant, lines, inList)
}

// settable returns why the lines of a tenant cannot be set by calls.
func (f *Fleet) settable(tenant string) error {
	switch {
	case f.order.Load() == nil:
		return fmt.Errorf("%w: make a Fleet with New", ErrOptions)
	case f.options.Source != nil:
		return fmt.Errorf("%w: the lines of this fleet come from its Source: change them there", ErrOptions)
	case tenant == "":
		return fmt.Errorf("%w: the tenant is empty", ErrUnknownTenant)
	}
	return nil
}

// Where a line stands among those that are set, for errors.
const (
	inList = "lines[%d]"
	inFile = "/phone_numbers/%d"
)

func (f *Fleet) setLines(tenant string, lines []line.Line, place string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.lineup(tenant)
	s := f.sift(t, lines, place)
	if s.faults > 0 {
		return s.errs[0]
	}
	t.mu.Lock()
	defer t.unlock()
	f.replace(t, s.usable(lines), &s, nil)
	return nil
}

// replace makes these the lines of t, whose lock is held; all of them are usable. What
// was set aside before is given up for what is now, nil for nothing.
func (f *Fleet) replace(t *lineup, lines []line.Line, s *sifted, now *aside) {
	var gone []recipients.Handle
	t.index.all.each(func(r *record) bool {
		if !s.stays(r.digits) {
			gone = append(gone, r.number())
		}
		return true
	})
	for _, n := range gone {
		t.remove(n)
		f.disown(t, n.Digits())
	}
	f.putAside(t, now)
	for _, l := range inRingOrder(lines) { // which fills the index best
		f.own(t, l.Number)
		t.put(*l)
	}
	t.known.Store(true)
}

// disown takes a number from t, where it is the owner.
func (f *Fleet) disown(t *lineup, digits uint64) {
	if f.owners[digits] == t {
		delete(f.owners, digits)
	}
}

func inRingOrder(lines []line.Line) []*line.Line {
	sorted := make([]*line.Line, len(lines))
	for i := range lines {
		sorted[i] = &lines[i]
	}
	slices.SortFunc(sorted, func(a, b *line.Line) int { return cmp.Compare(a.Number.Ring(), b.Number.Ring()) })
	return sorted
}

// PutLine adds one line to a tenant, or changes it, as [Fleet.SetLines] does.
func (f *Fleet) PutLine(tenant string, l line.Line) error {
	if err := f.settable(tenant); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.lineup(tenant)
	if err := f.usable(t, l); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.unlock()
	f.owners[l.Number.Digits()] = t
	t.put(l)
	t.known.Store(true)
	return nil
}

// usable returns why a line cannot be one of the tenant.
func (f *Fleet) usable(t *lineup, l line.Line) error {
	if err := l.Validate(); err != nil {
		return err
	}
	if owner := f.owners[l.Number.Digits()]; owner != nil && owner != t && !f.yields(owner) {
		return fmt.Errorf("%w: %s, of the tenant %q", ErrTaken, l.Number, owner.name)
	}
	return nil
}

// own makes a number a line of the tenant t, whose lock is held, and of no
// other.
func (f *Fleet) own(t *lineup, n recipients.Handle) {
	if owner := f.owners[n.Digits()]; owner != nil && owner != t {
		owner.mu.Lock()
		owner.remove(n)
		owner.unlock()
	}
	f.owners[n.Digits()] = t
}

// RemoveLine takes a line out of a tenant. Its chats cannot continue. The error
// is [ErrUnknownNumber] where the tenant has no such line, and [ErrOptions] in
// a fleet with a source.
func (f *Fleet) RemoveLine(tenant string, n recipients.Handle) error {
	if f.options.Source != nil {
		return f.settable(tenant)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.owners[n.Digits()]
	if t == nil || t.name != tenant {
		return fmt.Errorf("%w: %s is no line of tenant %q", ErrUnknownNumber, n.Masked(), tenant)
	}
	delete(f.owners, n.Digits())
	t.mu.Lock()
	defer t.unlock()
	t.remove(n)
	return nil
}

// Owner returns the tenant that a line belongs to, and false where the number
// is no line.
func (f *Fleet) Owner(n recipients.Handle) (tenant string, ok bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if t := f.owners[n.Digits()]; t != nil {
		return t.name, true
	}
	return "", false
}
