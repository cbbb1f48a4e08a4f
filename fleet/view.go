package fleet

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// A View is the lines of one tenant at one moment. It is a small immutable
// value, safe for concurrent use: later changes of the fleet do not change it,
// so a decision can be repeated on it. It reads no clock. The zero View has no
// lines.
type View struct{ s *snapshot }

// snapshot is what the copies of a view share. Nothing in it ever changes.
type snapshot struct {
	order    *order
	at       int64 // nanoseconds since 1970: the moment the records were judged for
	until    int64 // the same records stand for any moment before this one
	knowsUse bool

	// The records, in one of two forms.
	table table
	index index // zero where they are in the table
}

func (s *snapshot) indexed() bool { return s.index.order != nil }

// ViewOptions are what [NewView] is told besides the lines.
type ViewOptions struct {
	// Policy is the order in which lines are preferred; zero is that of
	// docs/rules.md §10.
	Policy Policy

	// At is the moment of the view. A line that is full until a later time is
	// full. With the zero At that is every line with such a time, until
	// [View.WithUse] gives the view a time.
	At time.Time

	// UseKnown says that NewChats and the times until which lines are full come
	// from the store. Without it a router reads the use of the lines and folds
	// it in with [View.WithUse].
	UseKnown bool
}

// NewView returns a view of a table of lines, for hosts that keep their lines
// themselves. Making it and picking from it cost time proportional to the lines:
// it suits some hundreds of them, a [Fleet] any number.
//
// A line that [Line.Validate] refuses is left out. Of several lines with one
// number the last counts. NewView panics where [Policy.Validate] refuses the
// policy. It keeps nothing of the slice.
func NewView(lines []line.Line, options ViewOptions) View {
	o, err := newOrder(options.Policy)
	if err != nil {
		panic(err)
	}
	at := nanos(options.At)
	byNumber := make(map[uint64]*record, len(lines))
	for _, l := range lines {
		if l.Validate() == nil {
			byNumber[l.Number.Digits()] = o.newRecord(l, at, nanos(l.NewChatsFullUntil))
		}
	}
	records := slices.SortedFunc(maps.Values(byNumber), byDigits)
	return View{&snapshot{order: o, at: at, knowsUse: options.UseKnown, table: records}}
}

// KnowsUse reports whether the use of lines in this view comes from the store. A
// router folds use in where it does not.
func (v View) KnowsUse() bool { return v.s != nil && v.s.knowsUse }

// At returns the moment that the view stands for, zero if none was given. A line
// that is full until a later time is full.
func (v View) At() time.Time {
	if v.s == nil {
		return time.Time{}
	}
	return instant(v.s.at)
}

// Criteria yields the names of the policy's criteria, in the order of [Values].
func (v View) Criteria() iter.Seq[string] {
	return func(yield func(string) bool) {
		if v.s == nil {
			return
		}
		for _, c := range v.s.order.criteria {
			if !yield(c.name) {
				return
			}
		}
	}
}

// Len returns how many lines there are.
func (v View) Len() int {
	switch {
	case v.s == nil:
		return 0
	case v.s.indexed():
		return int(v.s.index.lines)
	}
	return len(v.s.table)
}

// Line returns the line of that number, and false where it is not in the fleet.
func (v View) Line(n recipients.Handle) (line.Line, bool) {
	if v.s == nil {
		return line.Line{}, false
	}
	if r := v.s.find(n); r != nil {
		return r.line(), true
	}
	return line.Line{}, false
}

func (s *snapshot) find(n recipients.Handle) *record {
	if s.indexed() {
		return s.index.find(n)
	}
	return s.table.find(n)
}

// All yields the lines in the order of their numbers.
func (v View) All() iter.Seq[line.Line] {
	return func(yield func(line.Line) bool) {
		if v.s == nil {
			return
		}
		for _, r := range v.s.sorted() {
			if !yield(r.line()) {
				return
			}
		}
	}
}

// Best returns the best line to open a chat from, by the policy of the view, and
// false where no line is eligible. It does not allocate, and returns the same
// for the same view and query, wherever and whenever it is called.
func (v View) Best(q Query) (pick Pick, ok bool) {
	if v.s == nil {
		return pick, false
	}
	ask := v.s.order.ask(q)
	c := contest{order: v.s.order, ask: &ask}
	v.s.best(&c)
	ok = c.pick(&pick)
	return pick, ok
}

// BestRef returns the line that [View.Best] returns, and the zero Ref where no line
// is eligible. It looks for no runner-up, which is half of the work.
func (v View) BestRef(q Query) Ref {
	if v.s == nil {
		return Ref{}
	}
	ask := v.s.order.ask(q)
	c := contest{order: v.s.order, ask: &ask, bestOnly: true}
	v.s.best(&c)
	return Ref{c.first.record}
}

func (s *snapshot) best(c *contest) {
	if s.indexed() {
		s.index.best(c)
	} else {
		s.table.best(c)
	}
}

// PassedOver returns why the lines of the view were passed over for a query, for
// the trace of a decision.
func (v View) PassedOver(q Query) Counts {
	if v.s == nil {
		return Counts{}
	}
	ask := v.s.order.ask(q)
	if v.s.indexed() {
		return v.s.index.passedOver(&ask)
	}
	return v.s.table.passedOver(v.s.order, &ask)
}

// sorted returns the records in the order of their numbers.
func (s *snapshot) sorted() table {
	if !s.indexed() {
		return s.table
	}
	records := make(table, 0, s.index.lines)
	s.index.all.each(func(r *record) bool {
		records = append(records, r)
		return true
	})
	slices.SortFunc(records, byDigits)
	return records
}

func byDigits(a, b *record) int { return cmp.Compare(a.digits, b.digits) }

// WithUse returns a view with the use of lines that a store reports put in the
// place of what this one holds; a line that is not among the uses keeps its own.
// Uses of numbers that are not in the view are ignored. The new view knows its
// use, and is of the time at if this one is of none. It costs time proportional
// to the uses and, unless the view is one of a [Fleet], to the lines.
func (v View) WithUse(at time.Time, uses []line.Use) View {
	if v.s == nil {
		return v
	}
	s := v.s.fork()
	s.knowsUse = true
	if s.at == 0 {
		s.at = nanos(at)
		for i, r := range s.table { // a view of a fleet has a time
			s.table[i] = s.order.newRecord(r.line(), s.at, r.newChatsUntil)
		}
	}
	hour := line.HourOf(instant(s.at))
	for i := range uses {
		u := &uses[i]
		if old := s.find(u.Number); old != nil {
			l := old.line()
			l.NewChats = u.Window(hour)
			l.MessagesFullUntil = u.MessagesFullUntil(hour, l.Limits.MessagesPerDay)
			s.replace(old, s.order.newRecord(l, s.at, nanos(u.NextFree(hour, l.Limits.NewChatsPerDay))))
		}
	}
	return View{s}
}

// WithFull returns a view in which a line opens nothing, because a commit found
// it at its limit of new chats. until is when it is said to have room again; where
// that is not after [View.At], as happens where clocks differ, nobody can tell
// when. A number that is not in the view changes nothing. It costs next to
// nothing in a view of a [Fleet], elsewhere time proportional to the lines.
func (v View) WithFull(n recipients.Handle, until time.Time) View {
	old := v.Find(n).r
	if old == nil {
		return v
	}
	s := v.s.fork()
	l := old.line()
	if l.NewChatsFullUntil = until; nanos(until) <= s.at {
		l.NewChatsFullUntil = instant(unknownTime)
	}
	s.replace(old, s.order.newRecord(l, s.at, nanos(until)))
	return View{s}
}

// fork returns a snapshot whose records may be replaced until it is shown to
// anybody.
func (s *snapshot) fork() *snapshot {
	c := *s
	if c.table = slices.Clone(s.table); s.indexed() {
		c.index = s.index.fork()
	}
	return &c
}

// replace puts a record in the place of another one of the same number.
func (s *snapshot) replace(old, next *record) {
	if s.indexed() {
		s.index.replace(old, next)
		return
	}
	i, _ := slices.BinarySearchFunc(s.table, old, byDigits)
	s.table[i] = next
}
