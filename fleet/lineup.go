package fleet

import (
	"cmp"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// lineup is the lines of one tenant and what is known about them. Views are
// taken without the lock while nothing has changed.
type lineup struct {
	name  string
	known atomic.Bool              // it was told which lines there are
	view  atomic.Pointer[snapshot] // nil if there were changes that no view shows

	answer answer // of the source, if there is one
	aside  *aside // what of the answer cannot be used; nil for nothing. Guarded by mu

	mu       sync.Mutex // held by the writer; guards everything below
	changed  bool       // the view does not show the index
	order    *order
	holdFor  int64
	now      int64 // the latest time that was asked about, nanoseconds since 1970
	index    *index
	accounts map[uint64]*account // by digits: every number that something is known about
	schedule *btree.BTreeG[appointment]
	unseen   map[uint64]*account // those of the accounts that have committed picks which no poll has shown
}

// appointment says when time alone changes what an account says, at the
// earliest.
type appointment struct {
	at     int64
	digits uint64
}

func (a appointment) less(b appointment) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return a.digits < b.digits
}

func newLineup(name string, o *order, holdFor int64) *lineup {
	return &lineup{
		name: name, order: o, holdFor: holdFor,
		index:    newIndex(o),
		accounts: map[uint64]*account{},
		schedule: btree.NewBTreeGOptions(appointment.less, btree.Options{NoLocks: true}),
		unseen:   map[uint64]*account{},
	}
}

// unlock ends what the writer does. Until then senders go on with the view of
// before.
func (t *lineup) unlock() {
	if t.changed {
		t.view.Store(nil)
		t.changed = false
	}
	t.mu.Unlock()
}

// account returns the account of a number, opening one if need be.
func (t *lineup) account(n recipients.Handle) *account {
	a := t.accounts[n.Digits()]
	if a == nil {
		a = &account{}
		t.accounts[n.Digits()] = a
	}
	return a
}

// put makes the line what it is told to be, as far as nothing newer was learned
// about it.
func (t *lineup) put(l line.Line) {
	l = l.Normal()
	news := false
	if !l.ChangedAt.IsZero() {
		_, news = t.account(l.Number).learned.learn(line.State{
			Status: l.Status, StatusAt: l.ChangedAt, Reputation: l.Reputation, ReputationAt: l.ChangedAt,
		})
	}
	old := t.index.find(l.Number)
	if old != nil && !news && old.isTold(&l) {
		return // as most lines are that a source tells again
	}
	if a := t.accounts[l.Number.Digits()]; a != nil && old != nil &&
		(int(old.newChatsPerDay) != l.Limits.NewChatsPerDay || !sameGuard(old.guard, l.Guard) || old.startedAt != nanos(l.StartedAt)) {
		a.fullUntil, a.spent = 0, 0 // it was full by another limit
	}
	t.set(old, l)
}

// remove takes a line out. What is known about its number stays.
func (t *lineup) remove(n recipients.Handle) {
	if old := t.index.find(n); old != nil {
		t.index.replace(old, nil)
		t.changed = true
	}
}

// refresh brings the record of a number up to date with its account.
func (t *lineup) refresh(digits uint64) {
	if old := t.index.find(phone(digits)); old != nil {
		t.set(old, old.toldLine())
	}
}

// set makes a record of a line, as it is told to be, and its account.
func (t *lineup) set(old *record, l line.Line) {
	digits, told := l.Number.Digits(), l
	var free slots
	var total line.Use
	l.NewChats, l.NewChatsFullUntil, l.MessagesFullUntil = 0, instant(0), instant(0)
	l.Failovers, l.PacedAt, l.FailoversFullUntil = 0, instant(0), instant(0)
	a := t.accounts[digits]
	if a != nil {
		l.RecoveredAt = instant(max(nanos(l.RecoveredAt), a.learned.recoveredAt))
	}
	b := t.order.bounds(&l, t.now)
	if a == nil && b.Young {
		a = t.account(l.Number) // whose days have to be counted
	}
	if a != nil {
		now := hourOf(t.now)
		a.prune(t.now)
		l.Status, l.Reputation = cmp.Or(a.learned.status, told.Status), cmp.Or(a.learned.reputation, told.Reputation)
		l.ChangedAt = instant(a.learned.changedAt())
		l.Ineligible = told.Ineligible || a.learned.isGone()
		total = a.total(now)
		l.NewChats, l.Failovers = total.Window(now), total.FailoversWindow(now)
		l.NewChatsFullUntil, l.FailoversFullUntil = instant(a.fullUntil), instant(a.spent)
		l.MessagesFullUntil = total.MessagesFullUntil(now, l.Limits.MessagesPerDay)
		free.newChats = nanos(total.NextFree(now, b.Allowance))
		free.failovers = nanos(total.FailoversNextFree(now, b.Failovers))
		l.PacedAt = instant(a.paced(int64(b.Pace.Step)))
	}
	r := t.order.newRecord(l, b, t.now, free)
	r.toldStatus, r.toldReputation, r.toldIneligible = told.Status, told.Reputation, told.Ineligible
	r.toldRecoveredAt = nanos(told.RecoveredAt)
	if a != nil {
		if b.Young {
			t.order.foresee(r, &total, t.now)
		}
		t.appoint(digits, a, a.next(&total, t.now, r.messagesUntil, r.slot(), nanos(b.NextDay)))
	}
	if old != nil && *old == *r {
		return
	}
	t.index.replace(old, r)
	t.changed = true
}

// appoint sees to it that an account is looked at again at a time, or before: a
// look too early finds nothing to do, and putting it off each time costs more.
func (t *lineup) appoint(digits uint64, a *account, at int64) {
	if at == unknownTime || a.due != 0 && a.due <= at {
		return
	}
	if a.due != 0 {
		t.schedule.Delete(appointment{a.due, digits})
	}
	a.due = at
	t.schedule.Set(appointment{at, digits})
}

// advance lets time pass, up to the given number of lines that it changes.
// Those that remain are as they were before, which over-counts their use.
func (t *lineup) advance(now int64, lines int) {
	t.now = max(t.now, now)
	for ; lines > 0; lines-- {
		first, ok := t.schedule.Min()
		if !ok || first.at > t.now {
			return
		}
		t.accounts[first.digits].due = 0
		t.schedule.Delete(first)
		t.refresh(first.digits)
	}
}

// behind lets time pass for a slice of the lines and reports whether there may
// be more.
func (t *lineup) behind(now int64) bool {
	t.mu.Lock()
	defer t.unlock()
	t.advance(now, slice)
	first, ok := t.schedule.Min()
	return ok && first.at <= t.now
}

// see forgets the picks that a poll, the given one of all, has reported. Where
// time went on much further than the clock of the poll, that was wrong and has
// been set right: all lines are as they are by it.
func (t *lineup) see(poll uint64, now int64) {
	t.mu.Lock()
	defer t.unlock()
	if t.now-now > int64(maxAhead) {
		t.now, t.changed = now, true
		var all []uint64
		t.index.all.each(func(r *record) bool { all = append(all, r.digits); return true })
		for _, digits := range all {
			t.refresh(digits)
		}
	}
	for digits, a := range t.unseen {
		a.see(poll)
		if a.unseen == nil {
			delete(t.unseen, digits)
		}
		t.refresh(digits)
	}
}

// snapshot returns a view of the lines as they are.
func (t *lineup) snapshot() *snapshot {
	if s := t.view.Load(); s != nil && t.now < s.until && !t.changed {
		return s
	}
	s := &snapshot{order: t.order, at: t.now, until: unknownTime, index: t.index.copy(), aside: t.aside}
	if first, ok := t.schedule.Min(); ok {
		s.until = first.at
		s.at = min(s.at, first.at-1) // what has not had its turn is as it was then
	}
	t.view.Store(s)
	t.changed = false
	return s
}
