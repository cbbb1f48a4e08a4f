//go:build unix

package etcd_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
)

// ofTheTest marks the calls of the test: calls that the store makes by itself
// have another context.
type ofTheTest struct{}

// trips counts the round trips for calls of the test.
type trips struct{ n atomic.Int64 }

func (c *trips) open(t *testing.T, name string) *etcd.Store {
	t.Helper()
	s, err := etcd.OpenTold(t.Context(), name, etcd.Options{Timeout: etcdtest.Patience}, func(ctx context.Context, _ any) {
		if ctx.Value(ofTheTest{}) != nil {
			c.n.Add(1)
		}
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// A look-up is one round trip, and a commit another one. The commit also
// returns a conflict with another process.
func TestOneRoundTripEach(t *testing.T) {
	var c trips
	name := fresh(t, "trips")
	s, other := c.open(t, name), open(t, name, etcd.Options{})
	ctx := context.WithValue(t.Context(), ofTheTest{}, true)
	once := func(what string, do func()) {
		t.Helper()
		before := c.n.Load()
		do()
		require.EqualValues(t, 1, c.n.Load()-before, what)
	}
	p := first(t, "+12025550123", []byte("content"))
	p.Key, p.NewChatLimit = "key", 2
	look := func(what string) (snap store.Snapshot) {
		once("look-up: "+what, func() {
			var err error
			snap, err = s.Lookup(ctx, store.Query{Tenant: "acme", Set: p.Set.Key(), IdempotencyKey: "key", Recipients: p.Set})
			require.NoError(t, err)
		})
		return snap
	}
	require.Empty(t, look("nothing").Chats)
	once("a first contact", func() { require.NoError(t, s.Commit(ctx, p)) })
	seen := look("a replay")
	require.Equal(t, p.MessageID, seen.Record.MessageID)
	conflict := func(s *etcd.Store, p *store.Plan, kind store.ConflictKind) {
		t.Helper()
		once(fmt.Sprint("a conflict ", kind), func() {
			var got *store.Conflict
			require.ErrorAs(t, s.Commit(ctx, p), &got)
			require.Equal(t, kind, got.Kind)
		})
	}

	reuse := *p
	reuse.Key, reuse.MessageID, reuse.Revision, reuse.Reason = "", uuid.New(), seen.Revision, store.ReusedActiveChat
	once("a reuse", func() { require.NoError(t, s.Commit(ctx, &reuse)) })

	again := *p
	again.MessageID, again.ChatID, again.Revision = uuid.New(), uuid.New(), seen.Revision
	conflict(s, &again, store.KeyTaken)

	// This process learns of another one's commit only from the answer.
	late := first(t, "+12025550124", nil)
	early := first(t, "+12025550124", nil)
	require.NoError(t, other.Commit(t.Context(), early))
	conflict(s, late, store.RevisionMoved)
	full := first(t, "+12025550125", nil)
	full.NewChatLimit = 2
	conflict(s, full, store.LineFull)
}

// Commits of one process that open chats on one line at the same time share
// transactions.
func TestOpensOfALineShareTransactions(t *testing.T) {
	var all atomic.Int64
	s, err := etcd.OpenTold(t.Context(), fresh(t, "line"), etcd.Options{Timeout: etcdtest.Patience}, func(_ context.Context, request any) {
		if _, is := request.(*etcdserverpb.TxnRequest); is {
			all.Add(1)
		}
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	before := all.Load()
	const opens = 128
	var callers sync.WaitGroup
	for i := range opens {
		p := first(t, fmt.Sprintf("+1202555%04d", i), nil)
		callers.Go(func() {
			if err := s.Commit(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	n := all.Load() - before
	t.Logf("%d opens in %d transactions", opens, n)
	require.Less(t, n, int64(opens*3/4))
}

// The store compacts the history of the cluster, so that it takes no room.
func TestHistoryIsCompacted(t *testing.T) {
	c := etcdtest.Start(t, 1)
	s := open(t, c.Name("compacted"), etcd.Options{CompactEvery: 100 * time.Millisecond})
	client := c.Connect(t)
	answer, err := client.Get(t.Context(), "anything")
	require.NoError(t, err)
	old := answer.Header.Revision
	for i := 0; ; i++ {
		require.NoError(t, s.Commit(t.Context(), first(t, fmt.Sprintf("+1303555%04d", i), nil)))
		if _, err := client.Get(t.Context(), "anything", clientv3.WithRev(old)); err != nil {
			require.ErrorContains(t, err, "compacted")
			return
		}
		require.Less(t, i, 9000, "the history stays")
	}
}

// The transaction size of the servers is an option of the store. If the option
// is wrong, the error names both settings.
func TestSmallTransactions(t *testing.T) {
	c := etcdtest.Start(t, 1, "--max-txn-ops", "16")
	large := open(t, c.Name("small"), etcd.Options{})
	set := crowd(t, 20)
	p := first(t, "+12025550123", nil)
	p.Set, p.Roster = set, store.NewRoster(set, p.At)
	err := large.Commit(t.Context(), p)
	require.ErrorIs(t, err, store.ErrInvalid)
	require.ErrorContains(t, err, "--max-txn-ops")

	s := open(t, c.Name("small"), etcd.Options{MaxTxnOps: 16})
	require.NoError(t, s.Commit(t.Context(), p))
	snap, err := s.Lookup(t.Context(), store.Query{Tenant: "acme", Set: set.Key(), MessageID: p.MessageID})
	require.NoError(t, err)
	require.Len(t, snap.Chats, 1)
	n, err := s.Forget(t.Context(), "acme", set.At(7))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// crowd returns a set of n people.
func crowd(t *testing.T, n int) recipients.Set {
	var all []recipients.Handle
	for i := range n {
		all = append(all, recipients.MustParse(fmt.Sprintf("+1202555%04d", i)))
	}
	set, err := recipients.NewSet(all...)
	require.NoError(t, err)
	return set
}
