package fleet

import (
	"fmt"

	"github.com/fromline/fromline/line"
)

// SetPolicy changes the order in which the lines of all tenants are preferred, and
// the guard of those without one of their own. What is known of lines stays: their
// health, their use and the picks in flight. Lines that a commit found full or
// paced are asked again, as their bounds may be others now. Views taken before do
// not change, and a decision that rests on one is made again when it is reserved
// and another line is the best by then.
//
// It changes nothing where the policy cannot be used ([ErrPolicy]) or the guard
// ([line.ErrGuard]). It sorts the lines of each tenant again; senders of that
// tenant wait meanwhile, some microseconds for each line.
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
