package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// Lines returns the lines of a tenant as they are now, in the order of their
// numbers: a Fleet is a [LineHealth] too. The errors are those of [Fleet.View].
func (f *Fleet) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	view, err := f.View(ctx, tenant, f.options.Clock())
	if err != nil {
		return nil, err
	}
	return slices.Collect(view.All()), nil
}

// SetLines makes the given lines those of the tenant, all and only these. What
// events reported about a line still holds, unless the line's ChangedAt is
// later. The use of a line stays too: SetLines ignores NewChats and the times
// until which the line is full. Earlier views do not change.
//
// Equal lines are one line. SetLines fails and changes nothing if a line cannot
// be used ([line.ErrLine]), if two lines with one number differ or a number
// belongs to another tenant (both [ErrTaken]), if the tenant is empty
// ([ErrUnknownTenant]), or if the fleet has a source ([ErrOptions]).
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

// replace makes these the lines of t, whose lock is held; all of them are
// usable. What was set aside before is given up for what is now, nil for
// nothing. It returns what changed of the lines that stay.
func (f *Fleet) replace(t *lineup, lines []line.Line, s *sifted, now *aside) (changes []change) {
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
		before := t.index.find(l.Number)
		if t.put(*l); before == nil {
			continue
		}
		if c, is := changeOf(before, t.index.find(l.Number)); is {
			changes = append(changes, c)
		}
	}
	t.known.Store(true)
	return changes
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
// is [ErrUnknownNumber] if the tenant has no such line, and [ErrOptions] if the
// fleet has a source.
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

// Owner returns the tenant of a line, and false if the number is not a line.
func (f *Fleet) Owner(n recipients.Handle) (tenant string, ok bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if t := f.owners[n.Digits()]; t != nil {
		return t.name, true
	}
	return "", false
}
