package model

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Model is a store to compare others with. It is safe for concurrent use. Make
// one with New.
type Model struct {
	now func() time.Time

	mu         sync.Mutex
	closed     bool
	tenants    map[string]*tenant
	revision   store.Revision // the last one given
	commit     uint64         // number of the last commit with a delivery
	uses       map[account]*line.Use
	useChange  line.Change
	states     map[account]*line.State
	lineChange line.Change
}

type account struct {
	tenant string
	number recipients.Handle
}

// tenant is the data of one tenant.
type tenant struct {
	name       string
	chats      map[uuid.UUID]*chat
	revisions  map[recipients.Key]store.Revision
	records    map[uuid.UUID]*store.Record
	keys       map[string]*store.Record
	deliveries map[uuid.UUID]*delivery
	held       map[uuid.UUID]time.Time // a claim leaves the chat alone until then, because another chat goes first
}

type chat struct {
	store.Chat
	past map[recipients.Handle]bool // people who left the chat
}

// New returns an empty model whose clock is now.
func New(now func() time.Time) *Model {
	return &Model{
		now:     now,
		tenants: make(map[string]*tenant),
		uses:    make(map[account]*line.Use),
		states:  make(map[account]*line.State),
	}
}

// Close makes every later call fail with store.ErrClosed, and frees the memory.
// Closing again does nothing.
func (s *Model) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.tenants, s.uses, s.states = nil, nil, nil
	return nil
}

// begin locks the store for one call, or returns the error of a call that must
// not begin.
func (s *Model) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, fmt.Errorf("model: %w", store.ErrClosed)
	}
	return s.mu.Unlock, nil
}

// of returns a tenant, and adds it if it is new.
func (s *Model) of(name string) *tenant {
	t := s.tenants[name]
	if t == nil {
		t = &tenant{
			name:       name,
			chats:      make(map[uuid.UUID]*chat),
			revisions:  make(map[recipients.Key]store.Revision),
			records:    make(map[uuid.UUID]*store.Record),
			keys:       make(map[string]*store.Record),
			deliveries: make(map[uuid.UUID]*delivery),
			held:       make(map[uuid.UUID]time.Time),
		}
		s.tenants[name] = t
	}
	return t
}
