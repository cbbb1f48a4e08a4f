package memory

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
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

	// Clock is the clock of the store (see store.Clocked). Nil means one that
	// begins with the time of the machine when the store is made, and goes on from
	// there however that is set. Nothing else reads a clock.
	Clock func() time.Time
}

// Store keeps chats, decisions and use in memory. It is safe for concurrent
// use. Make one with New.
type Store struct {
	maxRecords int
	now        func() time.Time

	mu       sync.Mutex // guards everything below, and all that it leads to
	closed   bool
	tenants  map[string]*tenancy
	none     *tenancy               // stands for a tenant that is not kept
	revision store.Revision         // the last one given
	records  int                    // kept
	expiry   *btree.BTreeG[*record] // the first to expire first
	counts   []*account             // lines with counts that no change tells of yet
	uses     changes                // of use
	states   changes                // of what was learned

	commits uint64                   // how many deliveries were enqueued
	due     *btree.BTreeG[*queue]    // with something waiting, the first to be looked at first
	waiting *btree.BTreeG[*delivery] // the first decided first
	parked  int                      // deliveries that are
	doomed  map[*delivery]bool       // forgotten while leased: they go with their lease
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New(o Options) *Store {
	if o.Clock == nil {
		start := time.Now()
		o.Clock = func() time.Time { return start.Add(time.Since(start)) }
	}
	return &Store{
		maxRecords: cmp.Or(max(o.MaxRecords, 0), DefaultMaxRecords), now: o.Clock, tenants: make(map[string]*tenancy), none: newTenancy(""),
		expiry: newTree(expiresBefore),
		uses:   changes{of: func(l *account) *line.Change { return &l.use.Change }},
		states: changes{of: func(l *account) *line.Change { return &l.state.Change }},
		due:    newTree(dueBefore), waiting: newTree(decidedBefore), doomed: make(map[*delivery]bool),
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
	return locked(ctx, s, nil, func() (time.Time, error) { return s.now(), nil })
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

// beginFor is begin for a call that tells of a tenant, at a time that must not
// be too far ahead. It returns the tenant, to be written for.
func (s *Store) beginFor(ctx context.Context, tenant string, invalid error, at time.Time) (*tenancy, error) {
	if err := s.begin(ctx, invalid); err != nil {
		return nil, err
	}
	if err := store.CheckAhead(s.now(), at); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	return s.writable(tenant), nil
}

// locked returns what a function returns while the store is locked, unless the
// call cannot be.
func locked[T any](ctx context.Context, s *Store, invalid error, do func() (T, error)) (v T, err error) {
	if err := s.begin(ctx, invalid); err != nil {
		return v, err
	}
	defer s.mu.Unlock()
	return do()
}

// read is locked for a call about what a tenant has.
func read[T any](ctx context.Context, s *Store, tenant string, invalid error, do func(t *tenancy) (T, error)) (T, error) {
	return locked(ctx, s, cmp.Or(store.CheckTenant(tenant), invalid), func() (T, error) { return do(s.tenant(tenant)) })
}

// tenancy is everything of one tenant.
type tenancy struct {
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
	notes      map[string]store.Note
	noted      map[uuid.UUID][]string   // names of the notes of a message
	parked     *btree.BTreeG[*delivery] // by message id
	nothing    set                      // stands for one that is not kept
}

// matching returns the set of some people.
func (t *tenancy) matching(people recipients.Key) *set {
	if s := t.sets[people]; s != nil {
		return s
	}
	return &t.nothing
}

// tenant returns a tenant, to be read. One that nothing was written for is
// empty.
func (s *Store) tenant(name string) *tenancy {
	if t := s.tenants[name]; t != nil {
		return t
	}
	return s.none
}

// writable returns a tenant, to be written for.
func (s *Store) writable(name string) *tenancy {
	t := s.tenants[name]
	if t == nil {
		t = newTenancy(name)
		s.tenants[name] = t
	}
	return t
}

func newTenancy(name string) *tenancy {
	return &tenancy{
		name: name, sets: map[recipients.Key]*set{}, chats: map[uuid.UUID]*chat{}, lines: map[recipients.Handle]*account{},
		messages: map[uuid.UUID]*record{}, keys: map[string]*record{},
		deliveries: map[uuid.UUID]*delivery{}, queues: map[uuid.UUID]*queue{},
		parked:   newTree(func(a, b *delivery) bool { return compareIDs(a.MessageID, b.MessageID) < 0 }),
		consents: map[recipients.Key]store.Consent{}, notes: map[string]store.Note{}, noted: map[uuid.UUID][]string{},
	}
}

const printed = "memory.Store"

// Format prints that it is a store, and nothing of what it holds. It takes no
// lock.
func (*Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, printed) }

// LogValue returns what Format prints.
func (*Store) LogValue() slog.Value { return slog.StringValue(printed) }
