package storetest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

// TestHistoriesBite: generated histories find the faults that need several
// steps, in one of two stores.
func TestHistoriesBite(t *testing.T) {
	found := map[string]bool{
		"breaks ties by id alone": true, "prefers the message id to the key": true, "trusts the clock of the caller": true,
		"keeps the note for ever": true, "lets activity go backwards": true, "allows one more than the limit": true,
		"moves the revision with every touch": true, "does not move the revision for names": true,
		"does not move the revision for reuses": true, "does not look at message ids": true,
		"believes the last name it heard": true, "lets who is there join again": true,
		"takes a chat that everybody left for one that is over": true, "counts events from one": true,
		"says of every report that it changed something": true, "purges what expires at the time given": true,
		"does not wait for a retry": true, "knows deliveries by their message alone": true, "keeps the records": true,
	}
	for _, f := range faults {
		if found[f.breaks] {
			t.Run(f.breaks, func(t *testing.T) {
				require.True(t, fails(t, func(tb testing.TB) { storetest.Same(tb, opening(sound), opening(f.wrap)) }))
			})
			delete(found, f.breaks)
		}
	}
	require.Empty(t, found, "no such faults")
}

// TestConcurrentHistoriesBite: concurrent histories find stores whose answers
// no order of the calls explains.
func TestConcurrentHistoriesBite(t *testing.T) {
	for name, wrap := range map[string]func(*memory.Store) store.ChatStore{
		"lets the last writer win": func(s *memory.Store) store.ChatStore { return committing{s, lastWriterWins} },
		"answers from a cache":     func(s *memory.Store) store.ChatStore { return &caching{Store: s} },
		"forgets a commit": ending(func(s *memory.Store, p *store.Plan, err error) error {
			if kindOf(err) == store.RevisionMoved {
				return nil
			}
			return err
		}),
		"moves the revision with every touch": skew(
			func(p *store.Plan) bool { return p.Reason == store.ReusedActiveChat }, nil),
	} {
		t.Run(name, func(t *testing.T) {
			serial := func(s *memory.Store) store.ChatStore { return &locked{ChatStore: wrap(s)} }
			require.True(t, fails(t, func(tb testing.TB) { storetest.Linear(tb, opening(serial)) }))
		})
	}
}

// locked makes one call at a time: some faults here are not safe for concurrent
// use.
type locked struct {
	mu sync.Mutex
	store.ChatStore
}

func (l *locked) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ChatStore.Lookup(ctx, q)
}

func (l *locked) Commit(ctx context.Context, p *store.Plan) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ChatStore.Commit(ctx, p)
}

func (l *locked) Apply(ctx context.Context, tenant string, events []store.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ChatStore.Apply(ctx, tenant, events)
}

// caching gives every second look-up of a set the answer of the one before.
type caching struct {
	*memory.Store
	last  map[recipients.Key]store.Snapshot
	calls int
}

func (c *caching) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if c.last == nil {
		c.last = make(map[recipients.Key]store.Snapshot)
	}
	c.calls++
	if snap, known := c.last[q.Set]; known && c.calls%2 == 0 {
		return snap, nil
	}
	snap, err := c.Store.Lookup(ctx, q)
	c.last[q.Set] = snap
	return snap, err
}
