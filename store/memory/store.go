package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/btree"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// DefaultMaxRecords is the number of records kept when Options say nothing.
const DefaultMaxRecords = 1_000_000

// Options are the settings of a Store. Zero values stand for the defaults
// named.
type Options struct {
	// MaxRecords is how many records of decisions are kept, over all tenants; 0
	// or less means DefaultMaxRecords. A commit beyond it is refused with
	// store.ErrFull until Purge has made room.
	MaxRecords int

	// Clock is the clock of the store (see store.Clocked). Nil means one that begins
	// with the time of the machine when the store is made, and goes on from there
	// however that is set. Nothing else reads a clock.
	Clock func() time.Time
}

// Store keeps chats, decisions and use in memory. It is safe for concurrent
// use. Make one with New.
type Store struct {
	maxRecords int
	now        func() time.Time

	mu       sync.Mutex // guards everything below, and all that it leads to
	closed   bool
	tenants  map[string]*tenant
	revision store.Revision         // the last one given
	records  int                    // kept
	expiry   *btree.BTreeG[*record] // the first to expire first
	counts   []*account             // lines with counts that no change tells of yet
	uses     changes                // of use
	states   changes                // of what was learned
	outbox
}

var (
	_ store.Store = (*Store)(nil)
)

// New returns an empty store.
func New(o Options) *Store {
	if o.MaxRecords <= 0 {
		o.MaxRecords = DefaultMaxRecords
	}
	if o.Clock == nil {
		start := time.Now()
		o.Clock = func() time.Time { return start.Add(time.Since(start)) }
	}
	return &Store{
		maxRecords: o.MaxRecords, now: o.Clock, tenants: make(map[string]*tenant),
		expiry: newTree(expiresBefore),
		uses:   changes{of: func(l *account) *line.Change { return &l.use.Change }},
		states: changes{of: func(l *account) *line.Change { return &l.state.Change }},
		outbox: newOutbox(),
	}
}

func newTree[T any](less func(a, b T) bool) *btree.BTreeG[T] {
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
}

// Close makes every later call fail with store.ErrClosed. The memory goes with
// the last reference to the store. Closing twice is fine.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Now implements store.Clocked.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := s.begin(ctx, nil); err != nil {
		return time.Time{}, err
	}
	defer s.mu.Unlock()
	return s.now(), nil
}

// begin locks the store for a call whose arguments were found to be in order,
// or says why the call cannot be.
func (s *Store) begin(ctx context.Context, invalid error) error {
	if invalid != nil {
		return invalid
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return fmt.Errorf("memory: %w", store.ErrClosed)
	}
	return nil
}

// tenant is everything of one tenant.
type tenant struct {
	name       string
	sets       map[recipients.Key]*set
	groups     map[recipients.Handle][]*set // the sets of groups by their members; nil until it is asked for
	chats      map[uuid.UUID]*chat
	lines      map[recipients.Handle]*account
	messages   map[uuid.UUID]*record
	keys       map[string]*record
	deliveries map[uuid.UUID]*delivery
	queues     map[uuid.UUID]*queue // by chat
	consents   map[recipients.Key]store.Consent
	notes      map[string]*store.Note
	noted      map[uuid.UUID][]string // names of the notes of a message
}

// tenant returns a tenant, to be read. One that nothing was written for is
// empty.
func (s *Store) tenant(name string) *tenant {
	if t := s.tenants[name]; t != nil {
		return t
	}
	return new(tenant)
}

// writable returns a tenant, to be written for.
func (s *Store) writable(name string) *tenant {
	t := s.tenants[name]
	if t == nil {
		t = &tenant{
			name:       name,
			sets:       make(map[recipients.Key]*set),
			chats:      make(map[uuid.UUID]*chat),
			lines:      make(map[recipients.Handle]*account),
			messages:   make(map[uuid.UUID]*record),
			keys:       make(map[string]*record),
			deliveries: make(map[uuid.UUID]*delivery),
			queues:     make(map[uuid.UUID]*queue),
			consents:   make(map[recipients.Key]store.Consent),
			notes:      make(map[string]*store.Note),
			noted:      make(map[uuid.UUID][]string),
		}
		s.tenants[name] = t
	}
	return t
}
