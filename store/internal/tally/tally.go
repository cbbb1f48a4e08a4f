// Package tally counts messages in memory until a store adds them to its rows,
// so that a message does not write the row of its line.
//
// # What this package does not do
//
// It starts no goroutine and knows no rows: the owner of a Tally calls Run and
// adds the counts.
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

// Tally counts messages. It is safe for concurrent use. The zero Tally has no
// counts.
type Tally struct {
	flushing sync.Mutex // held by Flush, so that a Flush waits for another one
	mu       sync.Mutex // guards lines
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
	Hour     int64 // hours since 1970 UTC
	Messages int
}

// Add counts messages of a line in an hour, or in the newest hour with a count
// of the line, whichever is later. A count stops at the largest number of 32
// bits.
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

// Flush passes all counts, sorted by tenant, line and hour, to add, and returns
// its error. If the error wraps store.ErrNotWritten, Flush keeps the counts; it
// moves counts of earlier hours to the newest hour that was counted since.
// After any other error it drops them: a soft count that is too low for a
// second does less harm than one that is too high for a day. When Flush
// returns, no other call is still adding counts that were made before it.
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

// take removes and returns all counts.
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

// every is the interval of Run.
const every = time.Second

// Run calls flush once a second until stop is closed, each time with a time
// limit of ten seconds. It ignores errors: Flush keeps or drops the counts.
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
