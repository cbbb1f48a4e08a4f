package memory

import (
	"cmp"
	"context"
	"sync"

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
	state.ChangedAt = store.Micros(state.ChangedAt)
	return s.states.report(state), nil
}

func (s *states) report(state line.State) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := stateName{state.Tenant, state.Number}
	if old := s.byLine[name]; old != nil {
		if !state.ChangedAt.After(old.ChangedAt) {
			return false
		}
		state.Status, state.Reputation = cmp.Or(state.Status, old.Status), cmp.Or(state.Reputation, old.Reputation)
		s.changes.Delete(old)
	}
	s.last++
	state.Change = s.last
	s.byLine[name] = &state
	s.changes.Set(&state)
	return true
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
