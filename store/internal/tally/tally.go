// Package tally counts messages in memory until a store adds them to its rows,
// so that not every message writes the row of its line.
//
// # What this package does not do
//
// It starts nothing and knows no rows: the owner of a Tally does.
package tally

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Tally is safe for concurrent use. The zero Tally counts nothing yet.
type Tally struct {
	flushing sync.Mutex // held by Flush, so that one waits for another
	mu       sync.Mutex // guards what follows
	lines    map[lineKey]*hours
}

type lineKey struct {
	tenant string
	line   recipients.Handle
}

// hours are the counts of a line, by hour.
type hours struct {
	newest int64
	counts map[int64]int
}

// Count is the messages of one line in one hour.
type Count struct {
	Tenant   string
	Line     recipients.Handle
	Hour     int64 // since 1970
	Messages int
}

// Add counts messages of a line in an hour, or in the newest hour that is
// counted for the line, whichever is later. A count stays at what 32 bits hold.
func (t *Tally) Add(c Count) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(c)
}

func (t *Tally) add(c Count) {
	if t.lines == nil {
		t.lines = make(map[lineKey]*hours)
	}
	key := lineKey{c.Tenant, c.Line}
	h := t.lines[key]
	if h == nil {
		h = &hours{newest: c.Hour, counts: make(map[int64]int, 1)}
		t.lines[key] = h
	}
	h.newest = max(h.newest, c.Hour)
	h.counts[h.newest] = min(h.counts[h.newest]+min(c.Messages, math.MaxUint32), math.MaxUint32)
}

// Flush hands all counts, by line and hour, to a function that adds them to the
// rows of a store, and returns its error. Counts that were certainly not added,
// because the error wraps store.ErrNotWritten, are kept; those of hours before
// the newest that was counted since are then counted for that one. After any
// other error they are dropped: a soft count had better be too low for a second
// than too high for a day. When Flush returns, no call still writes what was
// counted before it was called.
func (t *Tally) Flush(add func([]Count) error) error {
	t.flushing.Lock()
	defer t.flushing.Unlock()
	counts := t.take()
	if len(counts) == 0 {
		return nil
	}
	err := add(counts)
	if errors.Is(err, store.ErrNotWritten) {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, c := range counts {
			t.add(c)
		}
	}
	return err
}

// take returns all counts and leaves none.
func (t *Tally) take() []Count {
	t.mu.Lock()
	lines := t.lines
	t.lines = nil
	t.mu.Unlock()
	var counts []Count
	for key, h := range lines {
		for hour, n := range h.counts {
			counts = append(counts, Count{key.tenant, key.line, hour, n})
		}
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), a.Line.Compare(b.Line), cmp.Compare(a.Hour, b.Hour))
	})
	return counts
}

// every is how often Run flushes.
const every = time.Second

// Run calls flush once a second, until stop is closed. What a flush could not
// add waits for the next.
func Run(stop <-chan struct{}, flush func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(context.Background(), 10*every)
			_ = flush(ctx)
			cancel()
		}
	}
}
