package storetest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

// left is a store in memory that survives Close, so that it can be opened
// again.
type left struct{ *memory.Store }

func (left) Close() error { return nil }

// durable returns an Open of a store that a function opens again.
func durable(reopen func(s *memory.Store) store.ChatStore) storetest.Open {
	return func(tb testing.TB) storetest.Harness {
		h := opening(func(s *memory.Store) store.ChatStore { return left{s} })(tb)
		s := h.Store.(left).Store
		h.Without = []storetest.Power{storetest.Damage, storetest.ChangeLister}
		h.Reopen = func() store.ChatStore { return reopen(s) }
		return h
	}
}

// durableFaults are stores that break a rule when they are opened again.
var durableFaults = []struct {
	clause, breaks string
	reopen         func(s *memory.Store) store.ChatStore
}{
	{"durable/everything is there after closing", "forgets everything", func(*memory.Store) store.ChatStore {
		return memory.New(memory.Options{})
	}},
	{"durable/everything is there after closing", "forgets records", func(s *memory.Store) store.ChatStore {
		_, _ = s.Purge(context.Background(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 100)
		return left{s}
	}},
	{"durable/revisions and change numbers go on", "counts revisions from the beginning", func(s *memory.Store) store.ChatStore {
		snap, _ := s.Lookup(context.Background(), store.Query{Tenant: "acme", Set: someone.Key()})
		return &restarting{Store: s, base: map[recipients.Key]store.Revision{someone.Key(): snap.Revision}}
	}},
	{"states/a recovery outlives the process", "forgets that a line recovered", func(s *memory.Store) store.ChatStore {
		return states{s, func(s *line.State) { s.RecoveredAt = time.Time{} }}
	}},
	{"durable/leases last", "forgets leases", func(s *memory.Store) store.ChatStore { return forgetful{s} }},
	{"leaser/both outlive the process", "forgets leases", func(s *memory.Store) store.ChatStore { return forgetful{s} }},
}

// someone is the set of the clauses about revisions.
var someone = func() recipients.Set {
	set, err := recipients.NewSet(recipients.MustParse("+12025550001"))
	if err != nil {
		panic(err)
	}
	return set
}()

// forgetful forgets leases when it is opened again.
type forgetful struct{ *memory.Store }

func (f forgetful) Claim(context.Context, time.Duration, int, ...string) ([]store.Claimed, error) {
	return make([]store.Claimed, 1), nil
}

// TestBrokenDurability is TestBrokenStores for stores that are opened again.
func TestBrokenDurability(t *testing.T) {
	for _, c := range storetest.Clauses() {
		if !slices.Contains(c.Needs, storetest.Durability) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			c.Check(t, durable(func(s *memory.Store) store.ChatStore { return left{s} }))
		})
		for _, f := range durableFaults {
			if f.clause == c.Name {
				t.Run(c.Name+": "+f.breaks, func(t *testing.T) {
					require.True(t, fails(t, func(tb testing.TB) { c.Check(tb, durable(f.reopen)) }))
				})
			}
		}
	}
}

// TestEveryClauseBites: there is a broken store for every clause.
func TestEveryClauseBites(t *testing.T) {
	bites := make(map[string]bool)
	for _, f := range faults {
		bites[f.clause] = true
	}
	for _, f := range durableFaults {
		bites[f.clause] = true
	}
	for _, f := range damageFaults {
		bites[f.clause] = true
	}
	for _, c := range storetest.Clauses() {
		if !bites[c.Name] {
			t.Errorf("no broken store shows that %s can fail", c.Name)
		}
	}
}
