package sharded

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fromline/fromline/store"
)

// Shard is one of the stores.
type Shard struct {
	// Name names the shard in the directory, in errors and in metrics. Never
	// change it; the address of the shard may change.
	Name string

	// Open opens the shard. While it fails, the store calls it again, at most
	// once a second, and never twice at once. The store closes what Open
	// returns.
	Open func(ctx context.Context) (store.Store, error)
}

// Options are the settings of a Store. The zero value spreads tenants by their
// hash, without a directory.
type Options struct {
	// Directory names the shard that holds the directory; empty spreads tenants
	// by their hash alone.
	Directory string

	// Recheck is how long a process trusts what it knows of a tenant before it
	// asks the shard again; 0 or less means 2 seconds. It must be the same in
	// all processes.
	Recheck time.Duration

	// Patience is the time limit of a call about a tenant, if there is a
	// directory. A call that takes longer ends with an unknown outcome. 0 or
	// less means 5 seconds. A move waits as long, so it must be the same in all
	// processes.
	Patience time.Duration

	// ReadOnly writes no entry for a tenant that has none. Open the shards
	// read-only too.
	ReadOnly bool

	// Clock is the clock by which Recheck is measured; nil means time.Now.
	Clock func() time.Time
}

// Store is one store over several shards. It is safe for concurrent use. Make
// one with New.
type Store struct {
	o         Options
	shards    []*shard // in the order of their names
	directory *shard   // nil: there is none
	closed    atomic.Bool
	turn      atomic.Uint64 // the shard that the next claim begins with

	mu     sync.Mutex
	homes  map[string]home     // by tenant
	strays map[stray]time.Time // when each was last met

	uses, states follower
}

var (
	_ store.Store    = (*Store)(nil)
	_ store.Composed = (*Store)(nil)
)

// New returns the store over some shards. It opens none: the store opens a
// shard when it first needs it. The error wraps [store.ErrInvalid] if there is
// no shard, if a name is empty or repeated, or if Directory is not one of them.
// New is safe for concurrent use.
func New(shards []Shard, o Options) (*Store, error) {
	if o.Recheck <= 0 {
		o.Recheck = 2 * time.Second
	}
	if o.Patience <= 0 {
		o.Patience = 5 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Store{o: o, homes: make(map[string]home), strays: make(map[stray]time.Time)}
	for _, given := range shards {
		if given.Name == "" || s.named(given.Name) != nil {
			return nil, fmt.Errorf("sharded: %w: the shard name %q is empty or given twice", store.ErrInvalid, given.Name)
		}
		s.shards = append(s.shards, &shard{Shard: given, now: o.Clock})
	}
	slices.SortFunc(s.shards, func(a, b *shard) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	if len(s.shards) == 0 {
		return nil, fmt.Errorf("sharded: %w: there is no shard", store.ErrInvalid)
	}
	if o.Directory != "" {
		if s.directory = s.named(o.Directory); s.directory == nil {
			return nil, fmt.Errorf("sharded: %w: the directory names %q, which is none of the shards", store.ErrInvalid, o.Directory)
		}
	}
	began := uint64(o.Clock().UnixMicro())
	s.uses.last, s.states.last = began, began
	return s, nil
}

func (s *Store) named(name string) *shard {
	for _, sh := range s.shards {
		if sh.Name == name {
			return sh
		}
	}
	return nil
}

// names are the names of all shards.
func (s *Store) names() string {
	var all []string
	for _, sh := range s.shards {
		all = append(all, sh.Name)
	}
	return strings.Join(all, ", ")
}

// Close closes all shards. The error joins those of the shards. Closing again
// does nothing.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	var err error
	for _, sh := range s.shards {
		err = errors.Join(err, sh.close())
	}
	return err
}

// begin returns the error of a call that must not begin.
func (s *Store) begin(ctx context.Context, invalid error) error {
	if invalid != nil {
		return invalid
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sharded: %w: %w", store.ErrNotWritten, err)
	}
	if s.closed.Load() {
		return fmt.Errorf("sharded: %w", store.ErrClosed)
	}
	return nil
}

// hashed returns the shard that the hash of a tenant picks: the one whose name
// together with the tenant has the highest hash. So a new shard takes only its
// share of new tenants.
func (s *Store) hashed(tenant string) *shard {
	var best *shard
	var highest uint64
	for _, sh := range s.shards {
		sum := sha256.Sum256([]byte(sh.Name + "\x00" + tenant))
		if n := binary.BigEndian.Uint64(sum[:]); best == nil || n > highest {
			best, highest = sh, n
		}
	}
	return best
}

// Parts implements store.Composed. It asks all shards concurrently.
func (s *Store) Parts(ctx context.Context) []store.Part {
	parts := make([]store.Part, len(s.shards))
	var all sync.WaitGroup
	for i, sh := range s.shards {
		all.Go(func() {
			parts[i] = store.Part{Kind: "shard", Name: sh.Name, Err: sh.check(ctx)}
		})
	}
	all.Wait()
	return parts
}
