package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// DefaultMaxRecords is the number of records kept when Options say nothing.
const DefaultMaxRecords = 1_000_000

// Options says how a Store behaves. The zero value is sensible.
type Options struct {
	// MaxRecords is how many records of decisions are kept, over all tenants;
	// 0 means DefaultMaxRecords. A commit beyond it is refused with
	// store.ErrFull until Purge has made room.
	MaxRecords int

	// time.Now. Nothing else reads a clock.
	Now func() time.Time
}

// Store keeps chats, decisions and use in memory. It is safe for concurrent
// use. Make one with New.
type Store struct {
	maxRecords int
	now        func() time.Time

	mu         sync.Mutex
	closed     bool
	tenants    map[string]*tenant
	records    int
	revision   store.Revision // last one given
	commit     uint64         // last one that had a delivery
	uses       map[line]*fleet.Use
	useChange  fleet.Change
	states     map[line]*fleet.State
	lineChange fleet.Change
}

type line struct {
	tenant string
	number recipients.Handle
}

// tenant is what belongs to one tenant.
type tenant struct {
	name       string
	chats      map[uuid.UUID]*chat
	revisions  map[recipients.Key]store.Revision
	records    map[uuid.UUID]*store.Record
	keys       map[string]*store.Record
	deliveries map[uuid.UUID]*delivery
}

type chat struct {
	store.Chat
	past map[recipients.Handle]bool // who took part and does no more
}

// New returns an empty store.
func New(o Options) *Store {
	if o.MaxRecords == 0 {
		o.MaxRecords = DefaultMaxRecords
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{
		maxRecords: o.MaxRecords,
		now:        o.Now,
		tenants:    make(map[string]*tenant),
		uses:       make(map[line]*fleet.Use),
		states:     make(map[line]*fleet.State),
	}
}

// Close makes every later call fail with store.ErrClosed and lets go of the
// memory. Closing twice is fine.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.tenants, s.uses, s.states = nil, nil, nil
	return nil
}

// begin locks the store for one call, unless the call may not go on.
func (s *Store) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, fmt.Errorf("memory: %w", store.ErrClosed)
	}
	return s.mu.Unlock, nil
}

// of returns a tenant, made when it is not known yet.
func (s *Store) of(name string) *tenant {
	t := s.tenants[name]
	if t == nil {
		t = &tenant{
			name:       name,
			chats:      make(map[uuid.UUID]*chat),
			revisions:  make(map[recipients.Key]store.Revision),
			records:    make(map[uuid.UUID]*store.Record),
			keys:       make(map[string]*store.Record),
			deliveries: make(map[uuid.UUID]*delivery),
		}
		s.tenants[name] = t
	}
	return t
}
