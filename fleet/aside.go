package fleet

import (
	"errors"
	"fmt"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// aside is what a source told of a tenant's lines that cannot be used
// (docs/rules.md §15). Such a line harms only itself: the others go on. It is
// as it was last told for [Options.StaleAfter], and not known after that. Views
// share it: nothing in it changes.
type aside struct {
	// since says, by digits, when the source last told the line well; zero if it
	// never did.
	since map[uint64]time.Time

	// nameless says that a line has no number: it may be any that is not told.
	nameless bool

	told string // what was said of it, so that it is said once
}

// has reports whether the source told a number, or may have meant it.
func (a *aside) has(digits uint64) bool {
	if a == nil {
		return false
	}
	_, told := a.since[digits]
	return told || a.nameless
}

// sifted is what a list of lines turned out to be.
type sifted struct {
	given    map[uint64]int  // all numbers in it, and where each is there first
	wrong    map[uint64]bool // those that no line can be made of, and whether they stay what they are
	nameless bool
	repeats  int // lines that say what the first of their number says
	faults   int
	errs     []error // the first few
}

// sift tells the lines that cannot be lines of the tenant from the others.
// Equal lines are one, as a join makes many of a row; of a number that is told
// in two ways neither counts.
func (f *Fleet) sift(t *lineup, lines []line.Line, place string) sifted {
	const most = 8
	s := sifted{given: make(map[uint64]int, len(lines))}
	for i := range lines {
		l := &lines[i]
		err, digits := f.usable(t, *l), l.Number.Digits()
		first, again := s.given[digits]
		switch {
		case !l.Number.IsPhone():
		case !again:
			s.given[digits] = i
		case err == nil && sameLine(&lines[first], l):
			s.repeats++
		case err == nil:
			err = fmt.Errorf("%w: %s is "+place+" too, and the two say different things: tell it once", ErrTaken, l.Number, first)
		}
		if err == nil {
			continue
		}
		if s.faults++; len(s.errs) < most {
			s.errs = append(s.errs, fmt.Errorf(place+": %w", i, err))
		}
		if !l.Number.IsPhone() {
			s.nameless = true
			continue
		}
		if s.wrong == nil {
			s.wrong = map[uint64]bool{}
		}
		s.wrong[digits] = true
	}
	return s
}

// stays reports whether a line that there is stays one.
func (s *sifted) stays(digits uint64) bool {
	if stays, wrong := s.wrong[digits]; wrong {
		return stays
	}
	_, given := s.given[digits]
	return given
}

// sameLine reports whether two lines that can be used say the same of a number.
// What they say of its use does not count: no fleet takes that from a line.
func sameLine(a, b *line.Line) bool {
	if !sameGuard(a.Guard, b.Guard) {
		return false
	}
	told := func(l *line.Line) (said line.Line, times [3]int64) {
		said = l.Normal()
		times = [...]int64{nanos(l.ChangedAt), nanos(l.StartedAt), nanos(l.RecoveredAt)}
		said.Guard, said.ChangedAt, said.StartedAt, said.RecoveredAt = nil, time.Time{}, time.Time{}, time.Time{}
		said.NewChats, said.Failovers, said.Allowance, said.PacedAt = 0, 0, 0, time.Time{}
		said.NewChatsFullUntil, said.MessagesFullUntil, said.FailoversFullUntil = time.Time{}, time.Time{}, time.Time{}
		return said, times
	}
	saidA, timesA := told(a)
	saidB, timesB := told(b)
	return saidA == saidB && timesA == timesB
}

// err says what is wrong with the lines, nil if nothing is.
func (s *sifted) err() error {
	if more := s.faults - len(s.errs); more > 0 {
		return errors.Join(append(s.errs[:len(s.errs):len(s.errs)], fmt.Errorf("and %d more", more))...)
	}
	return errors.Join(s.errs...)
}

// usable returns the lines that are none of the wrong ones, each once.
func (s *sifted) usable(lines []line.Line) []line.Line {
	if s.faults+s.repeats == 0 {
		return lines
	}
	kept := make([]line.Line, 0, len(lines))
	for i, l := range lines {
		digits := l.Number.Digits()
		if _, wrong := s.wrong[digits]; l.Number.IsPhone() && !wrong && s.given[digits] == i {
			kept = append(kept, l)
		}
	}
	return kept
}

// take makes what the source answered the lines of the tenant, as far as it can
// be used, and sets the rest aside. It returns what changed, and what is set
// aside where that is news. An answer of which nothing can be used is an error
// as a whole.
func (f *Fleet) take(tenant string, lines []line.Line, asked time.Time) (changes []change, news, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.lineup(tenant)
	s := f.sift(t, lines, inList)
	usable := s.usable(lines)
	if len(usable) == 0 && s.faults > 0 {
		return nil, nil, s.err()
	}
	t.mu.Lock()
	defer t.unlock()
	before, now := t.aside, t.asideOf(&s, asked, f.options.StaleAfter)
	changes = f.replace(t, usable, &s, now)
	if now == nil || before != nil && before.told == now.told {
		return changes, nil, nil
	}
	return changes, s.err(), nil
}

// putAside sets aside what cannot be used. It stays the tenant's, so that what
// is learned of it is kept.
func (f *Fleet) putAside(t *lineup, now *aside) {
	if t.aside == nil && now == nil {
		return
	}
	if t.aside != nil {
		for digits := range t.aside.since {
			if t.index.find(phone(digits)) == nil {
				f.disown(t, digits)
			}
		}
	}
	if now != nil {
		for digits := range now.since {
			if f.owners[digits] == nil {
				f.owners[digits] = t
			}
		}
	}
	t.aside, t.changed = now, true
}

// asideOf returns what an answer sets aside, nil for nothing, and notes which
// of the lines that there are stay as they were last told.
func (t *lineup) asideOf(s *sifted, asked time.Time, staleAfter time.Duration) *aside {
	if s.faults == 0 {
		return nil
	}
	a := &aside{since: make(map[uint64]time.Time, len(s.wrong)), nameless: s.nameless, told: s.err().Error()}
	if s.nameless { // any of those that are not told may be the one
		if s.wrong == nil {
			s.wrong = map[uint64]bool{}
		}
		may := func(digits uint64) {
			if _, given := s.given[digits]; !given {
				s.wrong[digits] = true
			}
		}
		t.index.all.each(func(r *record) bool { may(r.digits); return true })
		if t.aside != nil {
			for digits := range t.aside.since {
				may(digits)
			}
		}
	}
	for digits := range s.wrong {
		since, known := time.Time{}, false
		if t.aside != nil {
			since, known = t.aside.since[digits]
		}
		if at := t.answer.at.Load(); !known && at != nil && t.index.find(phone(digits)) != nil {
			since = *at
		}
		a.since[digits] = since
		s.wrong[digits] = !since.IsZero() && asked.Sub(since) <= staleAfter
	}
	return a
}

// suspects returns the lines of a tenant whose source may have meant a number
// that is no tenant's line; nil if it has not.
func (f *Fleet) suspects(tenant string, n recipients.Handle) *lineup {
	t := f.known(tenant)
	if t == nil || !n.IsPhone() {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.aside.has(n.Digits()) {
		return nil
	}
	return t
}

// Untold reports whether a number is, or may be, a line that the last answers
// of the fleet's source had in a form that cannot be used, for longer than
// [Options.StaleAfter]. A send neither continues nor abandons the chats of such
// a line: it is refused.
func (v View) Untold(n recipients.Handle) bool {
	return v.s != nil && v.s.aside.has(n.Digits()) && v.s.find(n) == nil
}

// HasUntold reports whether [View.Untold] can be true for any number.
func (v View) HasUntold() bool { return v.s != nil && v.s.aside != nil }
