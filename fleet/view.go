package fleet

import (
	"cmp"
	"fmt"
	"iter"
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
	order *order
	at    int64 // nanoseconds since 1970: the moment the records were judged for
	until int64 // the same records stand for any moment before this one

	// The records, in one of two forms.
	table table
	index index // zero if they are in the table

	aside *aside // what of the source's answer cannot be used; nil for nothing
}

func (s *snapshot) indexed() bool { return s.index.order != nil }

// ViewOptions are the settings of [NewView].
type ViewOptions struct {
	// Policy is the order in which lines are preferred; zero is that of
	// docs/rules.md §10.
	Policy Policy

	// Guard limits how fast the lines open chats; zero changes nothing.
	Guard line.Guard

	// At is the moment of the view. A line that is full until a later time is
	// full. With the zero At that is every line with such a time.
	At time.Time
}

// NewView returns a view of the given lines, with the use that they have, for
// decisions without a Router and for tests. NewView, and each pick from the
// view, take time proportional to the number of lines. The view does not keep
// the slice.
//
// The error is [line.ErrLine] for a line that cannot be used, [ErrTaken] for a
// number that occurs twice, [ErrPolicy] for the policy, and [line.ErrGuard] for
// the guard.
func NewView(lines []line.Line, options ViewOptions) (View, error) {
	o, err := newOrder(options.Policy, options.Guard)
	if err != nil {
		return View{}, err
	}
	at := nanos(options.At)
	records := make(table, 0, len(lines))
	for i, l := range lines {
		if err := l.Validate(); err != nil {
			return View{}, fmt.Errorf("line %d: %w", i, err)
		}
		free := slots{nanos(l.NewChatsFullUntil), nanos(l.FailoversFullUntil)}
		records = append(records, o.newRecord(l, o.bounds(&l, at), at, free))
	}
	slices.SortFunc(records, byDigits)
	for i := 1; i < len(records); i++ {
		if records[i].digits == records[i-1].digits {
			return View{}, fmt.Errorf("%w: %s occurs twice", ErrTaken, records[i].number())
		}
	}
	return View{&snapshot{order: o, at: at, table: records}}, nil
}

// At returns the moment that the view stands for, zero if none was given. A
// line that is full until a later time is full. If many lines change at one
// moment, such as at the end of an hour, a Fleet updates them in several steps:
// then each line is as of At or of a later moment.
func (v View) At() time.Time {
	if v.s == nil {
		return time.Time{}
	}
	return instant(v.s.at)
}

// Policy returns the name of the policy, which may be empty.
func (v View) Policy() string {
	if v.s == nil {
		return ""
	}
	return v.s.order.name
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

// Line returns the line of that number, and false if it is not in the view.
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

// Best returns the best line to open a chat from, by the policy of the view,
// and false if no line is eligible. It does not allocate, and returns the same
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

// BestRef returns the line that [View.Best] returns, and the zero Ref if no
// line is eligible. It looks for no runner-up, which saves half of the work.
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
	switch {
	case c.ask.Only.IsValid():
		s.find(c.ask.Only).alone().pick(c)
	case s.indexed():
		s.index.pick(c)
	default:
		s.table.pick(c)
	}
}

// alone returns the table of one record, empty for none.
func (r *record) alone() table {
	if r == nil {
		return nil
	}
	return table{r}
}

// PassedOver returns why the lines of the view were passed over for a query,
// for the trace of a decision.
func (v View) PassedOver(q Query) Counts {
	if v.s == nil {
		return Counts{}
	}
	ask := v.s.order.ask(q)
	switch {
	case q.Only.IsValid():
		return v.s.find(q.Only).alone().passedOver(v.s.order, &ask)
	case v.s.indexed():
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
