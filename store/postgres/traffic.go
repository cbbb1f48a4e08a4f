package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/store"
)

// flushEvery is how often counts of messages are added to the database.
const flushEvery = time.Second

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

// Flush adds the counts of messages that wait in this process to the database, as
// happens once a second and in Close. Whoever has counted many and asks another
// process at once calls it; nobody else needs to.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.flush(ctx)
}

// flush adds the counts of messages to the table, in one statement. Counts that
// were certainly not added are kept. After an unknown outcome they are dropped:
// a soft count had better be too low for a second than too high for a day.
func (s *Store) flush(ctx context.Context) error {
	counts := s.traffic.Take()
	if len(counts) == 0 {
		return nil
	}
	tenants := make([][]byte, len(counts))
	lines, hours, messages := make([]int64, len(counts)), make([]int64, len(counts)), make([]int64, len(counts))
	for i, c := range counts {
		tenants[i] = []byte(c.Tenant)
		lines[i], hours[i], messages[i] = int64(c.Line.Digits()), c.Hour, int64(c.Messages)
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		s.traffic.GiveBack(counts)
		return failed(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, s.sql.countMessages, tenants, lines, hours, messages); err != nil {
		if err = failed(err); errors.Is(err, store.ErrNotWritten) {
			s.traffic.GiveBack(counts)
		}
		return err
	}
	return nil
}
