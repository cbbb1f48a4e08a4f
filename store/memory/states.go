package memory

import (
	"context"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// states is what was learned about lines: few, and rarely written.
type states struct {
	mu      sync.Mutex
	last    line.Change
	byLine  map[stateName]*line.State
	changes *btree.BTreeG[*line.State]
}

type stateName struct {
	tenant string
	number recipients.Handle
}

func (s *states) init() {
	s.byLine = make(map[stateName]*line.State)
	s.changes = newTree(func(a, b *line.State) bool { return a.Change < b.Change })
}

// ReportLine implements store.LineStates.
func (s *Store) ReportLine(ctx context.Context, state line.State) (bool, error) {
	if err := store.CheckState(state); err != nil {
		return false, err
	}
	if err := s.begin(ctx); err != nil {
		return false, err
	}
	state = store.CutState(state)
	_, applied := s.states.change(state.Tenant, state.Number, func(kept line.State) line.State {
		kept, _ = kept.Merge(state)
		return kept
	})
	return applied, nil
}

// FlagLine implements store.LineStates.
func (s *Store) FlagLine(ctx context.Context, tenant string, number recipients.Handle, at time.Time) (line.State, bool, error) {
	if err := store.CheckFlag(tenant, number, at); err != nil {
		return line.State{}, false, err
	}
	if err := s.begin(ctx); err != nil {
		return line.State{}, false, err
	}
	kept, applied := s.states.change(tenant, number, func(kept line.State) line.State { return store.Flag(kept, at) })
	kept.Change = 0
	return kept, applied, nil
}

// change makes something else of the state of a line, and says whether a value
// of it changed.
func (s *states) change(tenant string, number recipients.Handle, make func(line.State) line.State) (now line.State, applied bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := stateName{tenant, number}
	kept := line.State{Tenant: tenant, Number: number}
	old := s.byLine[name]
	if old != nil {
		kept = *old
	}
	now = make(kept)
	if now.SameFacts(kept) {
		return now, false
	}
	if old != nil {
		s.changes.Delete(old)
	}
	s.last++
	now.Change = s.last
	s.byLine[name] = &now
	s.changes.Set(&now)
	return now, !now.SameValues(kept)
}

// LineStates implements store.LineStates.
func (s *Store) LineStates(ctx context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	limit, err := store.PageSize(limit)
	if err != nil {
		return nil, 0, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, 0, err
	}
	states, last := s.states.since(after, limit)
	return states, last, nil
}

func (s *states) since(after line.Change, limit int) (states []line.State, last line.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last = after
	s.changes.Ascend(&line.State{Change: after + 1}, func(state *line.State) bool {
		states = append(states, *state)
		last = state.Change
		return len(states) < limit
	})
	return states, last
}
