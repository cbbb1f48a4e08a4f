package fleet

import (
	"fmt"

	"github.com/fromline/fromline/line"
)

// SetPolicy changes the order in which the lines of all tenants are preferred,
// and the guard of those without one of their own. The health and the use of
// lines, and the picks in flight, stay. Lines that a commit found full or paced
// count as free again, because their bounds may have changed. Earlier views do
// not change. If a decision rests on one and another line is the best by now,
// [Fleet.Reserve] returns false.
//
// SetPolicy changes nothing if the policy ([ErrPolicy]) or the guard
// ([line.ErrGuard]) cannot be used. It sorts the lines of each tenant again;
// sends of that tenant wait meanwhile, some microseconds for each line.
func (f *Fleet) SetPolicy(p Policy, g line.Guard) error {
	o, err := newOrder(p, g)
	if err != nil {
		return err
	}
	if f.order.Load() == nil {
		return fmt.Errorf("%w: make a Fleet with New", ErrOptions)
	}
	f.tenants.change(func() { f.order.Store(o) }, func(t *lineup) { t.reorder(o) })
	return nil
}

// reorder orders all lines anew.
func (t *lineup) reorder(o *order) {
	t.mu.Lock()
	defer t.unlock()
	old := t.index
	t.order, t.index, t.changed = o, newIndex(o), true
	t.schedule.Clear() // every line is looked at now
	for _, a := range t.accounts {
		a.fullUntil, a.spent, a.due = 0, 0, 0
	}
	old.all.each(func(r *record) bool {
		t.set(nil, r.toldLine())
		return true
	})
}
