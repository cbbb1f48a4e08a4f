package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/decorations/graphemes"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/internal/rfc3339"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
	"github.com/fromline/fromline/validate"
)

// docBase is put before the path of every error's page.
const docBase = "https://docs.linqapp.com"

// session answers the lines of one run of fromline route.
type session struct {
	tenant  string
	explain bool
	dryRun  bool
	clock   clock
	newID   func() uuid.UUID
	fleet   *fleet.Fleet
	source  fleet.Feed
	router  *fromline.Router
	closer  io.Closer
}

func newSession(ctx context.Context, f routeFlags, stderr io.Writer) (*session, error) {
	s := &session{
		tenant:  f.tenant,
		explain: f.explain,
		dryRun:  f.dryRun,
		newID:   func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	if f.seed != 0 {
		s.newID = (&seededIDs{source: rand.New(rand.NewPCG(f.seed, 0))}).draw
	}
	if f.now != "" {
		now, err := rfc3339.Parse(f.now)
		if err != nil {
			return nil, fmt.Errorf("-now %q: %w", f.now, err)
		}
		s.clock.next = now
	}
	if err := s.loadFleet(f.fleet, f.policy, stderr); err != nil {
		return nil, err
	}
	chats, err := s.openStore(ctx, f.store, stderr)
	if err != nil {
		return nil, err
	}
	s.closer, s.source = chats, chats
	var routed store.ChatStore = chats
	if s.dryRun {
		routed = struct{ store.ChatStore }{chats} // line events count for this run alone
	}
	s.router, err = fromline.New(routed, s.fleet, fromline.Options{Rules: validate.Options{GraphemeCuts: graphemes.Cuts}, NewID: s.newID, KeepTraces: true})
	if err != nil {
		return nil, fmt.Errorf("-store: %w", err)
	}
	return s, nil
}

// openStore opens the store, for a dry run only to be read. Where something
// will be written that is kept, it says so before.
func (s *session) openStore(ctx context.Context, name string, stderr io.Writer) (store.Store, error) {
	kept, err := open.Durable(name)
	if err != nil {
		return nil, fmt.Errorf("-store: %w", err)
	}
	if kept && s.dryRun {
		return opened(ctx, name, newProgress(stderr, nil), lookAtStore)
	}
	chats, err := opened(ctx, name, newProgress(stderr, nil), openStore)
	if err == nil && kept && !s.dryRun {
		fmt.Fprintln(stderr, "fromline route: decisions are written to the store: -dry-run writes nothing")
	}
	return chats, err
}

// route decides a send, which a dry run does not make durable.
func (s *session) route(ctx context.Context, out fromline.Outgoing) (routing.Decision, error) {
	if s.dryRun {
		return s.router.Preview(ctx, out)
	}
	return s.router.Route(ctx, out)
}

func (s *session) close() { _ = s.closer.Close() }

// follow learns what the store knows of our lines: states and use from before
// this run, and from other processes that share the store.
func (s *session) follow(ctx context.Context) error {
	if err := s.fleet.Sync(ctx, s.source); err != nil {
		return &fromline.UnavailableError{Err: err, Retry: true}
	}
	return nil
}

// loadFleet reads the file with our lines; its warnings go to standard error.
func (s *session) loadFleet(path, policyFile string, stderr io.Writer) error {
	policy, err := readPolicy(policyFile)
	if err != nil {
		return err
	}
	text, err := readText(path)
	if err != nil {
		return fmt.Errorf("-fleet: %w", err)
	}
	file, warnings, err := fleet.ParseFile(text)
	if err != nil {
		return fmt.Errorf("-fleet %s: %w", path, err)
	}
	for _, w := range warnings {
		fmt.Fprintf(stderr, "%s: %s\n", path, w)
	}
	if s.fleet, err = fleet.New(fleet.Options{Clock: s.clock.Now, Policy: policy}); err != nil {
		return err
	}
	if err := s.fleet.SetLines(s.tenant, file.Lines); err != nil {
		return fmt.Errorf("-fleet %s: %w", path, err)
	}
	return nil
}

// seededIDs draws the same UUIDs of version 4 in every run with the same seed.
type seededIDs struct {
	mu     sync.Mutex
	source *rand.Rand
}

func (s *seededIDs) draw() uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id uuid.UUID
	for i := range id {
		id[i] = byte(s.source.Uint32())
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// traceID draws the id that an error answer carries.
func (s *session) traceID() string {
	id := s.newID()
	return hex.EncodeToString(id[:])
}
