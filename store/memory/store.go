package memory

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/store"
)

// DefaultMaxRecords is the number of records kept when Options say nothing. A
// record with a key takes about 300 bytes, what it holds of attachments not counted.
const DefaultMaxRecords = 1_000_000

// Options says how a Store behaves. The zero value is sensible.
type Options struct {
	// MaxRecords is how many records of decisions are kept, over all tenants; 0
	// or less means DefaultMaxRecords. A commit beyond it is refused with
	// store.ErrFull until Purge has made room.
	MaxRecords int

	// Now is the clock by which leases of deliveries are measured; nil means
	// time.Now. Nothing else reads a clock.
	Now func() time.Time
}

// Store keeps chats, decisions and use in memory. It is safe for concurrent
// use. Make one with New.
type Store struct {
	seed       maphash.Seed
	maxRecords int64
	closed     atomic.Bool

	records  atomic.Int64  // kept
	revision atomic.Uint64 // the last one given
	change   atomic.Uint64 // the last one of a line's use

	tenants tenants
	shards  [places]shard
	states  states
	outbox  outbox
}

var (
	_ store.ChatStore      = (*Store)(nil)
	_ store.ChatReader     = (*Store)(nil)
	_ store.DecisionReader = (*Store)(nil)
	_ store.UsageReader    = (*Store)(nil)
	_ store.LineStates     = (*Store)(nil)
	_ store.Purger         = (*Store)(nil)
	_ store.Forgetter      = (*Store)(nil)
	_ store.Outbox         = (*Store)(nil)
)

// New returns an empty store.
func New(o Options) *Store {
	if o.MaxRecords <= 0 {
		o.MaxRecords = DefaultMaxRecords
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{seed: maphash.MakeSeed(), maxRecords: int64(o.MaxRecords)}
	for i := range s.shards {
		s.shards[i].init()
	}
	s.tenants.init()
	s.states.init()
	s.outbox.init(o.Now)
	return s
}

// Close makes every later call fail with store.ErrClosed. The memory goes with
// the last reference to the store. Closing twice is fine.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}

// begin says whether a call may go on.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	if s.closed.Load() {
		return fmt.Errorf("memory: %w", store.ErrClosed)
	}
	return nil
}
