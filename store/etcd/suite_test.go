//go:build unix

package etcd_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/proctest"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/storetest"
)

func TestMain(m *testing.M) {
	proctest.Child(openVictim)
	flag.Parse()
	if os.Getenv("FROMLINE_LONG") == "" {
		// Every step of a generated history is a round trip.
		if err := flag.Set("rapid.checks", "10"); err != nil {
			panic(err)
		}
	}
	etcdtest.Main(m)
}

var prefixes atomic.Int64

// fresh returns the name of a new store on the shared cluster.
func fresh(tb testing.TB, what string) string {
	return etcdtest.Shared(tb).Name(fmt.Sprintf("%s-%d", what, prefixes.Add(1)))
}

// harness returns a store with a prefix of its own.
func harness(tb testing.TB) storetest.Harness {
	cluster := etcdtest.Shared(tb)
	name := cluster.Name(fmt.Sprintf("suite %d", prefixes.Add(1)))
	var ahead atomic.Int64
	o := etcd.Options{Timeout: etcdtest.Patience, Clock: func() time.Time { return storetest.Start.Add(time.Duration(ahead.Load())) }}
	open := func() *etcd.Store {
		s, err := etcd.Open(tb.Context(), name, o)
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, s.Close()) })
		return s
	}
	s := open()
	return storetest.Harness{
		Store:   s,
		Reopen:  func() store.ChatStore { s = open(); return s },
		Settle:  func() { require.NoError(tb, s.Flush(context.Background())) },
		Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		Spoil:   spoiler(tb, name),
		Without: []storetest.Power{storetest.Bound},
	}
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) storetest.Harness {
		if t, ok := tb.(*testing.T); ok {
			t.Parallel()
		}
		return harness(tb)
	})
}

// The same history gets the same answers from this store and from one in
// memory.
func TestSameAnswers(t *testing.T) {
	inMemory := func(testing.TB) storetest.Harness {
		var ahead atomic.Int64
		now := func() time.Time { return storetest.Start.Add(time.Duration(ahead.Load())) }
		return storetest.Harness{
			Store: memory.New(memory.Options{Clock: now}), Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		}
	}
	storetest.Same(t, inMemory, harness)
}
