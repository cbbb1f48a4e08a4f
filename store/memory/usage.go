package memory

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/tidwall/btree"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// account is one of our lines in one tenant.
type account struct {
	use   line.Use
	state line.State
	stale bool // whether the use counts what no change tells of yet
	chats *btree.BTreeG[*chat]
}

// chatDegree keeps the nodes of small trees small: most lines have few chats.
const chatDegree = 16

// line returns a line of a tenant, made when it is not known yet.
func (t *tenancy) line(number recipients.Handle) *account {
	l := t.lines[number]
	if l == nil {
		byID := func(a, b *chat) bool { return compareIDs(a.id, b.id) < 0 }
		l = &account{
			use:   line.Use{Tenant: t.name, Number: number},
			state: line.State{Tenant: t.name, Number: number},
			chats: btree.NewBTreeGOptions(byID, btree.Options{NoLocks: true, Degree: chatDegree}),
		}
		t.lines[number] = l
	}
	return l
}

// changes are the lines that changed in one way, in the order of their last
// changes.
type changes struct {
	lines []*account
	last  line.Change                 // the last one given
	of    func(*account) *line.Change // zero while the line did not change
}

// add gives the next changes to some lines, and takes out those that have none.
// One call takes as long as there are lines, however many it is given.
func (c *changes) add(lines ...*account) {
	for _, l := range lines {
		*c.of(l) = 0
	}
	c.lines = slices.DeleteFunc(c.lines, func(l *account) bool { return *c.of(l) == 0 })
	for _, l := range lines {
		c.last++
		*c.of(l) = c.last
	}
	c.lines = append(c.lines, lines...)
}

// count counts messages, and perhaps a new chat, against a line. The change
// gets its number when a caller next asks for uses.
func (s *Store) count(l *account, hour int64, messages int) {
	l.use.AddMessages(hour, messages)
	if !l.stale {
		l.stale = true
		s.counts = append(s.counts, l)
	}
}

// number gives numbers to the changes that have none yet.
func (s *Store) number() {
	if len(s.counts) == 0 {
		return
	}
	s.uses.add(s.counts...)
	for _, l := range s.counts {
		l.stale = false
	}
	clear(s.counts)
	s.counts = s.counts[:0]
}

// unlearn removes the use and the state of some lines.
func (s *Store) unlearn(lines ...*account) {
	s.number() // so that none of them is counted later
	for _, l := range lines {
		l.use = line.Use{Tenant: l.use.Tenant, Number: l.use.Number}
		l.state = line.State{Tenant: l.use.Tenant, Number: l.use.Number}
	}
	s.uses.add()
	s.states.add()
}

// items returns what is kept of a line, without change numbers.
func (l *account) items() (items []store.Item) {
	if state := l.state; state.Change > 0 {
		state.Change = 0
		items = append(items, store.Item{Tenant: state.Tenant, State: &state})
	}
	if use := l.use; use.Change > 0 {
		use.Change = 0
		items = append(items, store.Item{Tenant: use.Tenant, Use: &use})
	}
	return items
}

// LineUse implements store.UseReader.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	return changed(ctx, s, &s.uses, after, limit, func(l *account) line.Use { return l.use })
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	return changed(ctx, s, &s.states, after, limit, func(l *account) line.State { return l.state })
}

// changed returns views of the first lines that changed after a change, and the
// last change of them.
func changed[V any](
	ctx context.Context, s *Store, c *changes, after line.Change, limit int, view func(*account) V,
) (views []V, last line.Change, err error) {
	limit, negative := store.PageSize(limit)
	views, err = locked(ctx, s, negative, func() (views []V, err error) {
		s.number()
		last = after
		i := sort.Search(len(c.lines), func(i int) bool { return *c.of(c.lines[i]) > after })
		for _, l := range c.lines[i:min(i+limit, len(c.lines))] {
			views, last = append(views, view(l)), *c.of(l)
		}
		return views, nil
	})
	return views, last, err
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, said line.State) (applied bool, err error) {
	t, err := s.beginFor(ctx, said.Tenant, store.CheckState(said), store.StateTime(&said))
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.merge(t.line(said.Number), said), nil
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (now line.State, applied bool, err error) {
	t, err := s.beginFor(ctx, tenant, store.CheckFlag(tenant, number, at), at)
	if err != nil {
		return now, false, err
	}
	defer s.mu.Unlock()
	l := t.line(number)
	applied = s.learn(l, store.Flag(l.state, at))
	now = l.state
	now.Change = 0
	return now, applied, nil
}

// merge makes what was said of a line part of its state.
func (s *Store) merge(l *account, said line.State) (applied bool) {
	now, _ := l.state.Merge(store.CutState(said))
	return s.learn(l, now)
}

// learn makes something else of the state of a line, and says whether a value
// of it changed.
func (s *Store) learn(l *account, now line.State) (applied bool) {
	before := l.state
	l.state = now
	if !now.SameFacts(before) {
		s.states.add(l)
	}
	return !now.SameValues(before)
}
