package fleet

import (
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// Reserve counts a pick at once: it returns true, and counts one new chat for
// the line, exactly if the line is the best for the query as the fleet is now.
// If it returns false, take a new view and decide again. So concurrent picks
// have the same result as picks one after the other. Reserve a pick that waits
// for the pace of its line with its slot as the query's DeferUntil.
//
// at is the time of the send. After each Reserve that returned true, call
// [Fleet.Release] or [Fleet.Confirm] once, with the same tenant, time, line and
// kind of opening. If you call neither, the pick stops counting after
// [Options.HoldFor].
func (f *Fleet) Reserve(tenant string, at time.Time, q Query, line recipients.Handle) bool {
	t := f.known(tenant)
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.unlock()
	ask := t.order.ask(q)
	c := contest{order: t.order, ask: &ask, bestOnly: true}
	t.advance(nanos(at), slice)
	if q.Only.IsValid() {
		t.index.find(q.Only).alone().pick(&c)
	} else {
		t.index.pick(&c)
	}
	if c.first.record == nil || c.first.record.number() != line {
		return false
	}
	t.account(line).hold(nanos(at), t.now+t.holdFor, q.Failover)
	t.refresh(line.Digits())
	return true
}

// Release takes a reserved pick out of the use of its line, because its commit
// wrote nothing. failover is Query.Failover of the [Fleet.Reserve].
func (f *Fleet) Release(tenant string, at time.Time, line recipients.Handle, failover bool) {
	f.settle(tenant, at, line, func(_ *lineup, a *account) bool { return a.release(nanos(at), failover) })
}

// Confirm reports that the commit of a reserved pick was made, or may have been
// made. The pick counts until the store reports it as use. If the time of the
// pick lies before the latest time that the fleet was given, the pick counts at
// that latest time: the fleet may count too much use, but never too little.
func (f *Fleet) Confirm(tenant string, at time.Time, number recipients.Handle, failover bool) {
	f.settle(tenant, at, number, func(t *lineup, a *account) bool {
		counted := a.release(nanos(at), failover)
		a.confirm(cutToMicros(nanos(at)), t.stepOf(number), max(line.HourOf(at), hourOf(t.now)), f.polls.Load(), failover)
		t.unseen[number.Digits()] = a
		return !counted || line.HourOf(at) != hourOf(t.now) // else it counts on as it did
	})
}

// Full reports that a commit found the line at its limit of new chats until the
// given time. The fleet leaves the line out until then, or until its limit
// changes. If that time has passed already, because clocks differ, the fleet
// leaves the line out for [Options.HoldFor].
func (f *Fleet) Full(tenant string, line recipients.Handle, until time.Time) {
	f.settle(tenant, time.Time{}, line, func(t *lineup, a *account) bool {
		free := nanos(until)
		if free <= t.now {
			free = t.now + t.holdFor
		}
		a.fullUntil = max(a.fullUntil, free)
		return true
	})
}

// FailoversFull reports that a commit found the line at its failover share
// until the given time: the line takes no failover until then, but still first
// contacts.
func (f *Fleet) FailoversFull(tenant string, line recipients.Handle, until time.Time) {
	f.settle(tenant, time.Time{}, line, func(t *lineup, a *account) bool {
		free := nanos(until)
		if free <= t.now {
			free = t.now + t.holdFor
		}
		a.spent = max(a.spent, free)
		return true
	})
}

// Paced reports that a commit found that the pace of a line holds it back until
// exactly the given time. The fleet leaves the line out until then; a later
// report of the store replaces this time.
func (f *Fleet) Paced(tenant string, line recipients.Handle, until time.Time) {
	f.settle(tenant, time.Time{}, line, func(t *lineup, a *account) bool {
		r := t.index.find(line)
		if r == nil {
			return false
		}
		a.pacedAt = max(a.pacedAt, nanos(until)+int64(r.burst-1)*r.step)
		return true
	})
}

// stepOf returns the step of the pace of a line, 0 if it has none.
func (t *lineup) stepOf(n recipients.Handle) int64 {
	if r := t.index.find(n); r != nil {
		return r.step
	}
	return 0
}

// settle changes the account of a number of the tenant, which may change its
// line, and does nothing where it was never told which lines the tenant has.
// The number need not be a line now: one that was taken out meanwhile may come
// back, and its use counts then.
func (f *Fleet) settle(tenant string, at time.Time, line recipients.Handle, change func(*lineup, *account) bool) {
	t := f.known(tenant)
	if t == nil || !line.IsPhone() {
		return
	}
	t.mu.Lock()
	defer t.unlock()
	t.advance(nanos(at), slice)
	if change(t, t.account(line)) {
		t.refresh(line.Digits())
	}
}
