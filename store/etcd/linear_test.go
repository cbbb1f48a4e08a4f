//go:build unix

package etcd_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
	"github.com/fromline/fromline/store/storetest"
)

// pair is two stores on one prefix, as in two processes: calls go to them in
// turn.
type pair struct {
	store.Store // for the methods that the history does not call
	stores      [2]store.ChatStore
	turn        atomic.Int64
}

func newPair(tb testing.TB) *pair {
	name := etcdtest.Shared(tb).Name(fmt.Sprintf("pair %d", prefixes.Add(1)))
	p := new(pair)
	for i := range p.stores {
		s, err := etcd.Open(tb.Context(), name, etcd.Options{Timeout: etcdtest.Patience})
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, s.Close()) })
		p.Store, p.stores[i] = s, s
	}
	return p
}

func (p *pair) next() store.ChatStore { return p.stores[p.turn.Add(1)%2] }

func (p *pair) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	return p.next().Lookup(ctx, q)
}
func (p *pair) Commit(ctx context.Context, plan *store.Plan) error { return p.next().Commit(ctx, plan) }
func (p *pair) Apply(ctx context.Context, tenant string, events []store.Event) error {
	return p.next().Apply(ctx, tenant, events)
}

// Histories of two processes have an order: neither process relies on its
// cache.
func TestTwoProcesses(t *testing.T) {
	storetest.Linear(t, func(tb testing.TB) storetest.Harness { return storetest.Harness{Store: newPair(tb)} })
}

// behind is a store whose look-ups return the previous answer, like those of a
// node that does not ask the others.
type behind struct {
	store.ChatStore
	mu   sync.Mutex
	last map[string]store.Snapshot
}

func (b *behind) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	asked := fmt.Sprint(q.Tenant, q.Set.Bytes(), q.SkipNamed, q.IdempotencyKey, q.MessageID)
	now, err := b.ChatStore.Lookup(ctx, q)
	b.mu.Lock()
	defer b.mu.Unlock()
	before, is := b.last[asked]
	b.last[asked] = now
	if !is || err != nil {
		return now, err
	}
	return before, nil
}

const envStale = "FROMLINE_TEST_STALE"

// TestStaleChild must fail. TestStaleIsNoticed runs it.
func TestStaleChild(t *testing.T) {
	if os.Getenv(envStale) == "" {
		return // this process is not the child
	}
	storetest.Linear(t, func(tb testing.TB) storetest.Harness {
		p := newPair(tb)
		p.stores[1] = &behind{ChatStore: p.stores[1], last: make(map[string]store.Snapshot)}
		return storetest.Harness{Store: p}
	})
}

// The same check fails if one of two processes answers look-ups from an older
// moment. So a pass means something.
func TestStaleIsNoticed(t *testing.T) {
	etcdtest.Shared(t) // or skip
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStaleChild$", "-rapid.checks=200")
	child.Env = append(os.Environ(), envStale+"=1")
	child.Dir = t.TempDir() // rapid leaves a file there
	out, err := child.CombinedOutput()
	require.Error(t, err, "%s", out)
	require.Contains(t, string(out), "storetest.Linear", "it fails in the search for an order")
}
