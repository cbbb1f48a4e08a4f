package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/tally"
)

// flushEvery is how often counts of messages are added to the file.
const flushEvery = time.Second

// flushTraffic flushes until the store is closed.
func (s *Store) flushTraffic() {
	defer close(s.flushd)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			_ = s.flush(context.Background()) // what was not written waits for the next time
		}
	}
}

// Flush adds the counts of messages that wait in this process to the file, as
// happens once a second and in Close. Whoever has counted many and asks another
// process at once calls it; nobody else needs to.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.flush(ctx)
}

// flush adds the counts of messages to the lines. Counts that were certainly
// not added are kept. After an unknown outcome they are dropped: a soft count
// had better be too low for a second than too high for a day.
func (s *Store) flush(ctx context.Context) error {
	counts := s.traffic.Take()
	if len(counts) == 0 {
		return nil
	}
	err := s.write(ctx, func(t *tx) error { return t.count(counts) })
	if errors.Is(err, store.ErrNotWritten) {
		s.traffic.GiveBack(counts)
	}
	return err
}

func (t *tx) count(counts []tally.Count) error {
	for len(counts) > 0 {
		first := counts[0]
		tenant, err := t.tenantID(first.Tenant)
		if err != nil {
			return err
		}
		use, err := t.use(tenant, first.Line)
		if err != nil {
			return err
		}
		for len(counts) > 0 && counts[0].Tenant == first.Tenant && counts[0].Line == first.Line {
			use.AddMessages(counts[0].Hour, counts[0].Messages)
			counts = counts[1:]
		}
		if err := t.setUse(tenant, use); err != nil {
			return err
		}
	}
	return nil
}
