package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// flushEvery is how often counts of messages are added to the database.
const flushEvery = time.Second

// traffic holds the messages counted since the last flush. They are counted
// softly: one row of a line that every message updated would be the first thing
// to be slow.
type traffic struct {
	mu     sync.Mutex
	counts map[trafficKey]*hourly
}

type trafficKey struct {
	tenant string
	line   recipients.Handle
}

// hourly counts by hour. What is counted for an hour before the newest is
// counted for the newest, as in the table.
type hourly struct {
	newest int64
	counts map[int64]int64
}

func (t *traffic) add(tenant string, line recipients.Handle, hour int64, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = make(map[trafficKey]*hourly)
	}
	key := trafficKey{tenant, line}
	h := t.counts[key]
	if h == nil {
		h = &hourly{newest: hour, counts: make(map[int64]int64, 1)}
		t.counts[key] = h
	}
	h.newest = max(h.newest, hour)
	h.counts[h.newest] += int64(n)
}

// take returns all counts and leaves none.
func (t *traffic) take() map[trafficKey]*hourly {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := t.counts
	t.counts = nil
	return counts
}

// giveBack adds counts that could not be flushed to those that came since.
func (t *traffic) giveBack(counts map[trafficKey]*hourly) {
	for key, h := range counts {
		for hour, n := range h.counts {
			t.add(key.tenant, key.line, hour, int(n))
		}
	}
}

// flushTraffic flushes until the store is closed.
func (s *Store) flushTraffic() {
	defer close(s.stopped)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(context.Background(), 10*flushEvery)
			_ = s.flush(ctx) // what was not written waits for the next time
			cancel()
		}
	}
}

// flush adds the counts to the table, in one statement. Counts that were
// certainly not added are kept; after an unknown outcome they are dropped,
// because a soft count had better be too low for a second than too high for a
// day.
func (s *Store) flush(ctx context.Context) error {
	counts := s.traffic.take()
	if len(counts) == 0 {
		return nil
	}
	var tenants [][]byte
	var lines, hours, ns []int64
	for key, h := range counts {
		for hour, n := range h.counts {
			tenants = append(tenants, []byte(key.tenant))
			lines = append(lines, int64(key.line.Digits()))
			hours = append(hours, hour)
			ns = append(ns, n)
		}
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		s.traffic.giveBack(counts)
		return failed(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, s.sql.countMessages, tenants, lines, hours, ns); err != nil {
		err = failed(err)
		if errors.Is(err, store.ErrNotWritten) {
			s.traffic.giveBack(counts)
		}
		return err
	}
	return nil
}
