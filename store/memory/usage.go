package memory

import (
	"bytes"
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
func (t *tenant) line(number recipients.Handle) *account {
	l := t.lines[number]
	if l == nil {
		byID := func(a, b *chat) bool { return bytes.Compare(a.id[:], b.id[:]) < 0 }
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
	last  line.Change // the last one given
	of    func(*account) *line.Change
}

// add gives the next changes to some lines.
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

// after returns the lines that changed after a change, at most limit.
func (c *changes) after(change line.Change, limit int) []*account {
	i := sort.Search(len(c.lines), func(i int) bool { return *c.of(c.lines[i]) > change })
	return c.lines[i:min(i+limit, len(c.lines))]
}

// count counts messages, and perhaps a new chat, against a line. The change gets
// its number when a caller next asks for uses.
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

// LineUse implements store.UseReader.
func (s *Store) LineUse(ctx context.Context, after line.Change, limit int) (uses []line.Use, last line.Change, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, 0, err
	}
	defer s.mu.Unlock()
	s.number()
	for _, l := range s.uses.after(after, limit) {
		uses = append(uses, l.use)
		after = l.use.Change
	}
	return uses, after, nil
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) (states []line.State, last line.Change, err error) {
	limit, err = store.PageSize(limit)
	if err := s.begin(ctx, err); err != nil {
		return nil, 0, err
	}
	defer s.mu.Unlock()
	for _, l := range s.states.after(after, limit) {
		states = append(states, l.state)
		after = l.state.Change
	}
	return states, after, nil
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, said line.State) (applied bool, err error) {
	if err := s.begin(ctx, store.CheckState(said)); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	if err := store.CheckAhead(s.now(), store.StateTime(&said)); err != nil {
		return false, err
	}
	said = store.CutState(said)
	_, applied = s.learn(said.Tenant, said.Number, func(kept line.State) line.State {
		kept, _ = kept.Merge(said)
		return kept
	})
	return applied, nil
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if err := s.begin(ctx, store.CheckFlag(tenant, number, at)); err != nil {
		return line.State{}, false, err
	}
	defer s.mu.Unlock()
	if err := store.CheckAhead(s.now(), at); err != nil {
		return line.State{}, false, err
	}
	now, applied := s.learn(tenant, number, func(kept line.State) line.State { return store.Flag(kept, at) })
	now.Change = 0
	return now, applied, nil
}

// learn makes something else of the state of a line, and says whether a value
// of it changed.
func (s *Store) learn(tenant string, number recipients.Handle, state func(line.State) line.State) (now line.State, applied bool) {
	l := s.writable(tenant).line(number)
	kept := l.state
	l.state = state(kept)
	if !l.state.SameFacts(kept) {
		s.states.add(l)
	}
	return l.state, !l.state.SameValues(kept)
}
