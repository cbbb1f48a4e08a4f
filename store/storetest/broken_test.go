package storetest_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Here rapid is meant to fail, and stops when it does. It may try for long,
	// also in short mode, but need not find or write the smallest failure.
	for name, value := range map[string]string{
		"rapid.checks": "20000", "rapid.steps": "60", "rapid.nofailfile": "true", "rapid.shrinktime": "1ms",
	} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// A fault is a store that breaks one rule, and the clause that names it.
type fault struct {
	clause string
	breaks string
	wrap   func(sound *memory.Store) store.ChatStore
}

var faults = slices.Concat(lookupFaults, commitFaults, guardedFaults, revisionFaults, eventFaults, callFaults, powerFaults, knownFaults, tenantRemoverFaults, outboxFaults, leaserFaults, clockedFaults, consentFaults, inboxFaults, copyFaults, changesFaults, raceFaults)

// TestBrokenStores: the clause that names a rule catches each store that breaks
// the rule.
func TestBrokenStores(t *testing.T) {
	clauses := make(map[string]storetest.Clause)
	for _, c := range storetest.Clauses() {
		clauses[c.Name] = c
	}
	seen := make(map[string]bool)
	for _, f := range faults {
		t.Run(f.clause+": "+f.breaks, func(t *testing.T) {
			c, known := clauses[f.clause]
			require.True(t, known, "there is no clause %s", f.clause)
			require.False(t, seen[f.breaks], "two stores %s", f.breaks)
			seen[f.breaks] = true
			require.True(t, fails(t, func(tb testing.TB) { c.Check(tb, opening(f.wrap)) }),
				"a store that %s passes", f.breaks)
		})
	}
}

// opening returns an Open for a broken store.
func opening(wrap func(*memory.Store) store.ChatStore) storetest.Open {
	return func(testing.TB) storetest.Harness {
		var clock atomic.Int64
		clock.Store(storetest.Start.UnixNano())
		now := func() time.Time { return time.Unix(0, clock.Load()) }
		wrapped := wrap(memory.New(memory.Options{Clock: now}))
		without := []storetest.Power{storetest.Durability, storetest.Damage}
		if _, lists := wrapped.(store.ChangeLister); !lists {
			without = append(without, storetest.ChangeLister)
		}
		return storetest.Harness{
			Store:   wrapped,
			Advance: func(d time.Duration) { clock.Add(int64(d)) },
			Bounded: func(records int) store.ChatStore {
				return wrap(memory.New(memory.Options{Clock: now, MaxRecords: records}))
			},
			Without: without,
		}
	}
}

// sound breaks nothing.
func sound(s *memory.Store) store.ChatStore { return s }

// The store that lists changes by comparing everything is correct if it has no
// fault.
func TestSoundLister(t *testing.T) {
	for _, c := range storetest.Clauses() {
		if c.Name == listChanges {
			c.Check(t, opening(func(s *memory.Store) store.ChatStore { return newLister(s) }))
		}
	}
}

// fails reports whether a check fails, and hides the failure from the test.
func fails(t *testing.T, check func(testing.TB)) bool {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		check(r)
	}()
	<-done
	return r.failed.Load()
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed atomic.Bool
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed.Store(true)
	if testing.Verbose() {
		r.TB.Logf("as it should: %s", fmt.Sprintf(format, args...))
	}
}
func (r *recorder) Error(args ...any)                 { r.Errorf("%s", fmt.Sprint(args...)) }
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); r.FailNow() }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); r.FailNow() }
func (r *recorder) Fail()                             { r.failed.Store(true) }
func (r *recorder) FailNow()                          { r.failed.Store(true); runtime.Goexit() }
func (r *recorder) Failed() bool                      { return r.failed.Load() }
func (r *recorder) Logf(string, ...any)               {}
func (r *recorder) Log(...any)                        {}
