package fleet

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// memorySource is a store as far as a fleet sees it: every change gets the next
// number, and readers get what changed after one.
type memorySource struct {
	mu     sync.Mutex
	change line.Change
	states map[string]line.State
	uses   map[string]line.Use
	failAt int // the call, counted down, that fails; 0 for none
	down   bool
}

func newMemorySource() *memorySource {
	return &memorySource{states: map[string]line.State{}, uses: map[string]line.Use{}}
}

var errDown = errors.New("the store is down")

func keyOf(tenant string, n recipients.Handle) string { return tenant + " " + n.String() }

func (s *memorySource) report(state line.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := keyOf(state.Tenant, state.Number)
	old := s.states[k]
	old.Tenant, old.Number = state.Tenant, state.Number
	merged, _ := old.Merge(cutState(state))
	s.change++
	merged.Change = s.change
	s.states[k] = merged
}

// put keeps a state as it is, also one that no store would keep.
func (s *memorySource) put(state line.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change++
	state.Change = s.change
	s.states[keyOf(state.Tenant, state.Number)] = state
}

// use changes the use of a line as one commit does.
func (s *memorySource) use(tenant string, n recipients.Handle, change func(*line.Use)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change++
	u := s.uses[keyOf(tenant, n)]
	u.Tenant, u.Number, u.Change = tenant, n, s.change
	change(&u)
	s.uses[keyOf(tenant, n)] = u
}

func (s *memorySource) open(tenant string, n recipients.Handle, at time.Time) {
	s.use(tenant, n, func(u *line.Use) { u.AddNewChat(line.HourOf(at)) })
}

func (s *memorySource) fails() error {
	if s.down {
		return errDown
	}
	if s.failAt > 0 {
		if s.failAt--; s.failAt == 0 {
			return errDown
		}
	}
	return nil
}

// pageOf returns the first of what changed, in order of change.
func pageOf[T any](all map[string]T, change func(T) line.Change, after line.Change, limit int) ([]T, line.Change) {
	var page []T
	for _, item := range all {
		if change(item) > after {
			page = append(page, item)
		}
	}
	slices.SortFunc(page, func(a, b T) int { return cmp.Compare(change(a), change(b)) })
	page = page[:min(limit, len(page))]
	for _, item := range page {
		after = max(after, change(item))
	}
	return page, after
}

func (s *memorySource) LineStates(_ context.Context, after line.Change, limit int) ([]line.State, line.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fails(); err != nil {
		return nil, 0, err
	}
	page, last := pageOf(s.states, func(s line.State) line.Change { return s.Change }, after, limit)
	return page, last, nil
}

func (s *memorySource) LineUse(_ context.Context, after line.Change, limit int) ([]line.Use, line.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fails(); err != nil {
		return nil, 0, err
	}
	page, last := pageOf(s.uses, func(u line.Use) line.Change { return u.Change }, after, limit)
	return page, last, nil
}
