package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

const callers = 16

// size returns how much work a clause with concurrent callers does: with -short
// a quarter.
func size(n int) int {
	if testing.Short() {
		return n / 4
	}
	return n
}

// together runs a function in many goroutines at once, and fails if one of them
// returns an error. A function that waits for others must stop when well
// returns false.
func (w *world) together(n int, do func(i int, well func() bool) error) {
	w.Helper()
	start := make(chan struct{})
	errs := make([]error, n)
	var done sync.WaitGroup
	var failed atomic.Bool
	for i := range n {
		done.Go(func() {
			<-start
			if errs[i] = do(i, func() bool { return !failed.Load() }); errs[i] != nil {
				failed.Store(true)
			}
		})
	}
	close(start)
	done.Wait()
	require.NoError(w, errors.Join(errs...))
}

// kindOf returns the kind of a conflict, zero for nil, and any other error as
// it is.
func kindOf(err error) (store.ConflictKind, error) {
	var conflict *store.Conflict
	if errors.As(err, &conflict) {
		return conflict.Kind, nil
	}
	return 0, err
}

// send sends as a router does: it reuses the most recent chat of the set, or
// opens one. It reports whether it opened one.
func (w *world) send(set recipients.Set, line recipients.Handle) (opened bool, err error) {
	err = w.decide(set, func(chats []store.Chat) *store.Plan {
		opened = len(chats) == 0
		if opened {
			return planOf(store.NewBestNumber, set, uuid.New(), line, noon, uuid.New())
		}
		return planOf(store.ReusedActiveChat, set, chats[0].ID, chats[0].Line, noon, uuid.New())
	})
	return opened, err
}

// failOver fails over from the most recent chat of the set, or opens the first
// one.
func (w *world) failOver(set recipients.Set, line recipients.Handle) error {
	return w.decide(set, func(chats []store.Chat) *store.Plan {
		if len(chats) == 0 {
			return planOf(store.NewBestNumber, set, uuid.New(), line, noon, uuid.New())
		}
		p := planOf(store.FailoverFlagged, set, uuid.New(), line, noon, uuid.New())
		p.PreviousChatID = chats[0].ID
		return p
	})
}

// decide looks up the chats of a set, plans and commits, and repeats all three
// while the revision moves. No clause moves that of one set as often as it
// tries.
func (w *world) decide(set recipients.Set, plan func([]store.Chat) *store.Plan) error {
	for range 1000 {
		snap, err := w.Store.Lookup(background, store.Query{Tenant: acme, Set: set.Key()})
		if err != nil {
			return err
		}
		p := plan(snap.Chats)
		p.Revision = snap.Revision
		if kind, err := kindOf(w.Store.Commit(background, p)); kind == 0 {
			return err
		}
	}
	return errors.New("a thousand commits in a row met a conflict")
}

var raceClauses = []Clause{
	{
		Name: "race/one chat for each set",
		IDs:  []string{"call.concurrent", "conflict.revision"},
		check: func(w *world) {
			sets := size(60)
			var opened atomic.Int64
			w.together(callers, func(i int, _ func() bool) error {
				for n := range sets {
					is, err := w.send(people(n), number(i))
					if err != nil {
						return err
					}
					if is {
						opened.Add(1)
					}
				}
				return nil
			})
			require.EqualValues(w, sets, opened.Load())
			for n := range sets {
				require.Len(w, w.look(people(n)).Chats, 1)
			}
		},
	},
	{
		Name: "race/one failover of a chat",
		IDs:  []string{"conflict.revision", "revision.moves"},
		check: func(w *world) {
			rounds := size(12)
			for round := range rounds {
				set := people(round)
				old := w.open(set, number(callers), noon)
				plans := make([]*store.Plan, callers)
				for i := range plans {
					plans[i] = w.failing(set, old, number(i), noon.Add(time.Hour))
				}
				committed := make([]bool, callers)
				w.together(callers, func(i int, _ func() bool) error {
					kind, err := kindOf(w.Store.Commit(background, plans[i]))
					if err == nil && kind != 0 && kind != store.RevisionMoved {
						return fmt.Errorf("unexpected conflict: %v", kind)
					}
					committed[i] = kind == 0
					return err
				})
				winner := slices.Index(committed, true)
				require.NotEqual(w, -1, winner, "no failover was committed")
				w.requireOrder(set, plans[winner].ChatID, old)
				require.Equal(w, plans[winner].ChatID, w.chat(set, old).Successor)
				for i, p := range plans {
					require.Equal(w, i == winner, committed[i], "several failovers of one chat were committed")
					require.Equal(w, i == winner, w.record(p.MessageID) != nil)
				}
			}
			opened := 0
			for _, u := range w.uses(w.lines...) {
				opened += u.Window(u.Hour)
			}
			if w.has(UseReader) {
				require.Equal(w, 2*rounds, opened, "chats opened, and counted against lines")
			}
		},
	},
	{
		Name: "race/never more than the limit",
		IDs:  []string{"window.exact"},
		check: func(w *world) {
			limit, each := size(40), size(40)
			var opened [2]atomic.Int64
			w.together(callers, func(i int, _ func() bool) error {
				for n := range each {
					line := n % 2
					p := planOf(store.NewBestNumber, people(i*1000+n), uuid.New(), number(line), noon, uuid.New())
					p.NewChatLimit = limit
					kind, err := kindOf(w.Store.Commit(background, p))
					switch {
					case err != nil:
						return err
					case kind == 0:
						opened[line].Add(1)
					case kind != store.LineFull:
						return fmt.Errorf("unexpected conflict: %v", kind)
					}
				}
				return nil
			})
			for n := range opened {
				require.EqualValues(w, limit, opened[n].Load())
				w.requireUse(number(n), func(u line.Use) { require.EqualValues(w, limit, u.NewChats[0]) })
			}
		},
	},
	{
		Name: "race/one decision for each key",
		IDs:  []string{"conflict.key"},
		check: func(w *world) {
			for round := range size(20) {
				var won atomic.Int64
				mail := uuid.New()
				w.together(callers, func(i int, _ func() bool) error {
					p := planOf(store.NewBestNumber, people(round*callers+i), uuid.New(), number(i), noon, uuid.New())
					if round%2 == 0 {
						p.Key = fmt.Sprint("key ", round)
					} else {
						p.MessageID = mail
					}
					kind, err := kindOf(w.Store.Commit(background, p))
					if kind == 0 && err == nil {
						won.Add(1)
					} else if kind != store.KeyTaken {
						return errors.Join(err, fmt.Errorf("unexpected conflict: %v", kind))
					}
					return nil
				})
				require.EqualValues(w, 1, won.Load())
				chats := 0
				for i := range callers {
					chats += len(w.look(people(round*callers + i)).Chats)
				}
				require.Equal(w, 1, chats)
			}
		},
	},
	{
		Name: "race/a look-up sees one moment",
		IDs:  []string{"lookup.moment"},
		check: func(w *world) {
			set, n := people(1), size(28)
			plans := make([]*store.Plan, n)
			for i := range plans {
				plans[i] = planOf(store.NewBestNumber, set, uuid.New(), number(i), noon.Add(time.Duration(i)*time.Second), uuid.New())
				plans[i].Key = fmt.Sprint("key ", i)
			}
			var mu sync.Mutex
			seen := make(map[store.Revision]int)
			w.together(5, func(reader int, well func() bool) error {
				if reader == 0 {
					for _, p := range plans {
						snap, err := w.Store.Lookup(background, store.Query{Tenant: acme, Set: set.Key()})
						if err != nil {
							return err
						}
						p.Revision = snap.Revision
						if err := w.Store.Commit(background, p); err != nil {
							return err
						}
					}
					return nil
				}
				for i := 0; i < n && well(); {
					q := store.Query{
						Tenant: acme, Set: set.Key(), IdempotencyKey: fmt.Sprint("key ", i),
					}
					snap, err := w.Store.Lookup(background, q)
					if err != nil {
						return err
					}
					mu.Lock()
					chats, known := seen[snap.Revision]
					seen[snap.Revision] = len(snap.Chats)
					mu.Unlock()
					if known && chats != len(snap.Chats) {
						return fmt.Errorf("revision %d has %d chats, and %d", snap.Revision, chats, len(snap.Chats))
					}
					if (snap.Record != nil) != (len(snap.Chats) > i) {
						return fmt.Errorf("%d chats, record of chat %d: %v", len(snap.Chats), i+1, snap.Record)
					}
					if snap.Record != nil {
						i++
					}
				}
				return nil
			})
			require.Len(w, w.look(set).Chats, n)
		},
	},
}
