package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
)

// hostTable is the line health of a host with a table of lines of its own.
type hostTable struct {
	mu    sync.Mutex
	lines map[string][]line.Line
	err   error
	slow  time.Duration
	asked int
}

func (h *hostTable) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	h.mu.Lock()
	h.asked++
	lines, known, err, slow := h.lines[tenant], false, h.err, h.slow
	_, known = h.lines[tenant]
	h.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, fmt.Errorf("no row: %w", ErrUnknownTenant)
	}
	return lines, nil
}

// say changes what the table answers.
func (h *hostTable) say(tenant string, err error, lines ...line.Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lines == nil {
		h.lines = map[string][]line.Line{}
	}
	h.lines[tenant], h.err = slices.Clone(lines), err
}

func (h *hostTable) times() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

func over(t *testing.T, h *hostTable, o Options) *Fleet {
	o.Source = h
	f, err := New(o)
	require.NoError(t, err)
	return f
}

// numbers returns what a view of the tenant shows.
func numbers(f *Fleet, tenant string) ([]recipients.Handle, error) {
	v, err := f.View(context.Background(), tenant, time.Now())
	var list []recipients.Handle
	for l := range v.All() {
		list = append(list, l.Number)
	}
	return list, err
}

var errTable = errors.New("the table is locked")
