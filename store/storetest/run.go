package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// Open returns a new, empty store in its harness. The suite calls it once for
// each clause, and closes the store afterwards. Give any other clean-up to
// tb.Cleanup.
type Open func(tb testing.TB) Harness

// Start is the time at which a clock moved by Harness.Advance begins. All times
// in clauses are before it.
var Start = time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)

// Harness is a store, and the means of a test to act on it. Its Store must be
// safe for concurrent use. Its functions are called by one goroutine at a time.
type Harness struct {
	Store store.ChatStore

	// Reopen opens a store again after it was closed. It is nil for a store
	// that keeps nothing; list Durability in Without then.
	Reopen func() store.ChatStore

	// Advance moves the clock of the store, which begins at Start. It is nil
	// for a store whose clock cannot be moved; list Clock in Without then.
	Advance func(time.Duration)

	// Bounded returns another empty store that holds at most the given number
	// of records. It is nil for a store without such a bound; list Bound in
	// Without then.
	Bounded func(records int) store.ChatStore

	// Settle makes soft counts visible that still wait. It is nil for a store
	// that shows them at once.
	Settle func()

	// Spoil makes the rows of one thing unreadable. kind is one of the kinds of
	// store.Unreadable. id is the id of a chat, the message id of a record or
	// delivery, a line as a handle, of which all rows are spoiled, or the key
	// of the set of one person, in hexadecimal digits. It is nil for a store
	// without rows that can be damaged; list Damage in Without then.
	Spoil func(kind, tenant, id string, how Spoiled)

	// Composed says that the store consists of several stores. Changes of
	// different tenants then have no common order, nor have the records that a
	// purge removes, and a store that is opened again renumbers all changes.
	Composed bool

	// Without lists the powers that the store does not have.
	Without []Power
}

// Power is an optional ability of a store or its harness.
type Power string

// The optional interfaces of package store, and the optional functions of a
// Harness.
const (
	ChatReader     Power = "ChatReader"
	ChatWalker     Power = "ChatWalker"
	ChatFinder     Power = "ChatFinder"
	DecisionReader Power = "DecisionReader"
	DeliveryReader Power = "DeliveryReader"
	KnownReader    Power = "KnownReader"
	UseReader      Power = "UseReader"
	LineStates     Power = "LineStates"
	Purger         Power = "Purger"
	Clocked        Power = "Clocked"
	Forgetter      Power = "Forgetter"
	TenantRemover  Power = "TenantRemover"
	Outbox         Power = "Outbox"
	Consents       Power = "Consents"
	Inbox          Power = "Inbox"
	Copier         Power = "Copier"
	Things         Power = "Things"
	ChangeLister   Power = "ChangeLister"
	Durability     Power = "Durability" // Harness.Reopen
	Clock          Power = "Clock"      // Harness.Advance
	Bound          Power = "Bound"      // Harness.Bounded
	Damage         Power = "Damage"     // Harness.Spoil, and store.Damaged
)

var powers = []Power{
	ChatReader, ChatWalker, ChatFinder, DecisionReader, DeliveryReader, KnownReader, UseReader, LineStates, Purger, Clocked, Forgetter, TenantRemover, Outbox, Consents, Inbox, Copier, Things, ChangeLister, Durability, Clock, Bound, Damage,
}

// has reports whether the harness has a power.
func (h Harness) has(p Power) (has bool) {
	switch p {
	case ChatReader:
		_, has = h.Store.(store.ChatReader)
	case ChatWalker:
		_, has = h.Store.(store.ChatWalker)
	case ChatFinder:
		_, has = h.Store.(store.ChatFinder)
	case DecisionReader:
		_, has = h.Store.(store.DecisionReader)
	case DeliveryReader:
		_, has = h.Store.(store.DeliveryReader)
	case KnownReader:
		_, has = h.Store.(store.KnownReader)
	case UseReader:
		_, has = h.Store.(store.UseReader)
	case LineStates:
		_, has = h.Store.(store.LineStates)
	case Purger:
		_, has = h.Store.(store.Purger)
	case Clocked:
		_, has = h.Store.(store.Clocked)
	case Forgetter:
		_, has = h.Store.(store.Forgetter)
	case TenantRemover:
		_, has = h.Store.(store.TenantRemover)
	case Outbox:
		_, has = h.Store.(store.Outbox)
	case Consents:
		_, has = h.Store.(store.Consents)
	case Inbox:
		_, has = h.Store.(store.Inbox)
	case Copier:
		_, has = h.Store.(store.Copier)
	case Things:
		_, has = h.Store.(store.Things)
	case ChangeLister:
		_, has = h.Store.(store.ChangeLister)
	case Durability:
		has = h.Reopen != nil
	case Clock:
		has = h.Advance != nil
	case Bound:
		has = h.Bounded != nil
	case Damage:
		has = h.Spoil != nil
	}
	return has
}

// Clause is a test of one or more rules of the contract.
type Clause struct {
	Name  string   // unique
	IDs   []string // of the rules that it tests, in the comments of package store
	Needs []Power  // Run skips the clause for a store without one of these

	check func(w *world)
}

// Check runs the clause on a new store. It fails tb if the store breaks the
// clause.
func (c Clause) Check(tb testing.TB, open Open) {
	tb.Helper()
	h := open(tb)
	w := newWorld(tb, h)
	defer w.close()
	c.check(w)
	if d, is := h.Store.(store.Damaged); is && !slices.Contains(c.Needs, Damage) {
		rows, _ := d.Unreadable()
		require.Empty(tb, rows, "no row was damaged")
	}
}

// Clauses returns all clauses, in the order of Run.
func Clauses() []Clause {
	return slices.Concat(
		lookupClauses, recencyClauses, recordClauses,
		openClauses, reuseClauses, failoverClauses, planClauses, conflictClauses,
		revisionClauses, windowClauses, guardedClauses,
		seenClauses, activityClauses, participantClauses, nameClauses, applyClauses,
		tenantClauses, textClauses, timeClauses, aliasClauses, callClauses, durableClauses,
		chatReaderClauses, chatWalkerClauses, chatFinderClauses, decisionClauses, deliveryReaderClauses, knownClauses, tenantRemoverClauses, thingsClauses, changesClauses, usageClauses, stateClauses, recoveryClauses,
		purgeClauses, clockedClauses, forgetClauses,
		claimClauses, leaseClauses, leaserClauses, parkClauses, rerouteClauses, consentClauses, inboxClauses, copierClauses, damageClauses,
		raceClauses, racePowerClauses,
	)
}

// Run checks a store against the whole contract. It fails t if the store breaks
// a clause, or lacks a power that it does not list in Harness.Without.
func Run(t *testing.T, open Open) {
	h := open(t)
	missing := h.Without
	sound := t.Run("powers", func(t *testing.T) {
		for _, p := range powers {
			if slices.Contains(missing, p) {
				require.False(t, h.has(p), "the store disclaims %s but has it", p)
				t.Logf("not offered: %s", p)
			} else {
				require.True(t, h.has(p), "the store has no %s: list it in Harness.Without if that is meant", p)
			}
		}
	})
	newWorld(t, h).close()
	if !sound {
		return
	}
	lacks := func(p Power) bool { return slices.Contains(missing, p) }
	for _, c := range Clauses() {
		if !slices.ContainsFunc(c.Needs, lacks) {
			t.Run(c.Name, func(t *testing.T) { c.Check(t, open) })
		}
	}
	t.Run("generated histories", func(t *testing.T) { Same(t, open) })
	t.Run("concurrent histories", func(t *testing.T) { Linear(t, open) })
}

// background is the context of calls that no test cancels.
var background = context.Background()
