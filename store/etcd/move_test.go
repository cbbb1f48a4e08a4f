//go:build unix

package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/sharded"
)

// reads counts the items that were read from a store as a whole.
type reads struct {
	*etcd.Store
	n atomic.Int64
}

func (r *reads) ExportTenant(ctx context.Context, tenant string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for item, err := range r.Store.ExportTenant(ctx, tenant) {
			r.n.Add(1)
			if !yield(item, err) {
				return
			}
		}
	}
}

// A tenant that is followed out of the cluster is read as a whole only once,
// even if the history is compacted all the time. Both stores are the same at
// the end.
func TestFollowingReadsWhatChanged(t *testing.T) {
	t.Parallel()
	cluster := etcdtest.Start(t, 1) // its history is compacted all the time
	s, err := etcd.Open(t.Context(), cluster.Name("follow"), etcd.Options{Timeout: etcdtest.Patience, CompactEvery: 50 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	from, to := &reads{Store: s}, memory.New(memory.Options{})
	load(t, from, "acme", 300)

	ctx, stop := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	var sent atomic.Int64
	sending.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			if err := sendOne(ctx, s, "acme", n%50, fmt.Sprint("meanwhile ", n)); err == nil {
				sent.Add(1)
			}
		}
	})
	f := move.Follow(from, to, "acme", nil)
	require.NoError(t, f.Copy(t.Context()))
	for before := sent.Load(); sent.Load() < before+20; {
		_, err := f.Catch(t.Context())
		require.NoError(t, err)
	}
	stop()
	sending.Wait()
	whole := from.n.Load()
	result, err := f.Finish(t.Context())
	require.NoError(t, err)
	require.Equal(t, whole, from.n.Load(), "items read as a whole after the copy")
	require.GreaterOrEqual(t, result.Items[move.Records], 300+int(sent.Load()))
	require.NoError(t, f.Stop(t.Context()))
	require.ElementsMatch(t, things(t, s), things(t, to))
}

// The store keeps the history that a list of changes needs, and no more. If
// another program compacts that history, the list has ended.
func TestCompactionAndLists(t *testing.T) {
	t.Parallel()
	cluster := etcdtest.Start(t, 1)
	s, err := etcd.Open(t.Context(), cluster.Name("lists"), etcd.Options{Timeout: etcdtest.Patience, CompactEvery: 20 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	client := cluster.Connect(t)
	compacted := func(revision int64) bool {
		_, err := client.Get(t.Context(), "any", clientv3.WithRev(revision))
		return errors.Is(err, rpctypes.ErrCompacted)
	}
	// write writes in another tenant until the store has compacted all that it
	// may.
	write := func() (revision int64) {
		for n := range 20 {
			require.NoError(t, sendOne(t.Context(), s, "other", n, uuid.NewString()))
			time.Sleep(10 * time.Millisecond)
		}
		now, err := client.Get(t.Context(), "any")
		require.NoError(t, err)
		return now.Header.Revision
	}
	require.NoError(t, sendOne(t.Context(), s, "acme", 0, "before"))
	first := write()
	require.Eventually(t, func() bool { write(); return compacted(first) }, etcdtest.Patience, time.Millisecond)

	id := uuid.New()
	require.NoError(t, s.ListChanges(t.Context(), "acme", id))
	require.NoError(t, sendOne(t.Context(), s, "acme", 1, "after"))
	first = write()
	for range 5 {
		write()
	}
	require.False(t, compacted(first), "the list needs it")
	changes, err := s.Changes(t.Context(), "acme", id, 0)
	require.NoError(t, err)
	require.Len(t, changes, 3, "a chat, a record and its deliveries")
	require.NoError(t, s.DropChanges(t.Context(), "acme", id, changes))
	changes, err = s.Changes(t.Context(), "acme", id, 0)
	require.NoError(t, err)
	require.Empty(t, changes)
	require.Eventually(t, func() bool { write(); return compacted(first) }, etcdtest.Patience, time.Millisecond)

	require.NoError(t, sendOne(t.Context(), s, "acme", 2, "later"))
	_, err = client.Compact(t.Context(), write())
	require.NoError(t, err)
	_, err = s.Changes(t.Context(), "acme", id, 0)
	require.ErrorIs(t, err, store.ErrNoList)
	require.ErrorContains(t, err, "--auto-compaction-retention")
}

// A list of changes can be read while the leader dies, or stands still.
func TestChangesOutliveALeader(t *testing.T) {
	t.Parallel()
	cluster := etcdtest.Start(t, 3)
	s, err := etcd.Open(t.Context(), cluster.Name("lists"), etcd.Options{Timeout: etcdtest.Patience})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	for name, accident := range map[string]func(*etcdtest.Node) error{
		"killed": func(n *etcdtest.Node) error { return errors.Join(n.Kill(), n.Start()) },
		"frozen": func(n *etcdtest.Node) error { return n.Freeze(4 * time.Second) },
	} {
		id := uuid.New()
		require.NoError(t, s.ListChanges(t.Context(), "acme", id))
		require.NoError(t, sendOne(t.Context(), s, "acme", 1, name))
		var accidents sync.WaitGroup
		failed := make(chan error, 1)
		accidents.Go(func() { failed <- accident(cluster.Leader(t.Context())) })
		for over := false; !over; {
			select {
			case err := <-failed:
				require.NoError(t, err)
				over = true
			default:
			}
			changes, err := s.Changes(t.Context(), "acme", id, 0)
			require.NoError(t, err, name)
			require.Len(t, changes, 3, name)
		}
		accidents.Wait()
	}
}

// things returns all items of acme without lines.
func things(t *testing.T, s store.Store) (all []store.Item) {
	t.Helper()
	for item, err := range s.ExportTenant(t.Context(), "acme") {
		require.NoError(t, err)
		if item.Use == nil && item.State == nil {
			all = append(all, item)
		}
	}
	return all
}

// load adds chats to a tenant, each with one record.
func load(tb testing.TB, s store.Store, tenant string, chats int) {
	tb.Helper()
	at := store.Micros(time.Now())
	line := recipients.MustParse("+13025550161")
	var items []store.Item
	for i := range chats {
		set, err := recipients.NewSet(recipients.MustParse(fmt.Sprintf("+44%010d", 7_400_000_000+i)))
		require.NoError(tb, err)
		chat := store.Chat{ID: uuid.New(), Line: line, Roster: store.NewRoster(set, at), CreatedAt: at, ActiveAt: at}
		items = append(items,
			store.Item{Tenant: tenant, Chat: &store.CopiedChat{Chat: chat}},
			store.Item{Tenant: tenant, Record: &store.Record{
				Key: fmt.Sprint("loaded ", i), MessageID: uuid.New(), ChatID: chat.ID, Line: line, At: at, KeepUntil: at.AddDate(100, 0, 0),
				Reason: store.NewBestNumber, Roster: chat.Roster,
			}})
	}
	for page := range slices.Chunk(items, store.MaxPage) {
		_, err := s.Import(tb.Context(), page)
		require.NoError(tb, err)
	}
}

// sendOne sends to one person, as a router does.
func sendOne(ctx context.Context, s store.Store, tenant string, person int, key string) error {
	set, err := recipients.NewSet(recipients.MustParse(fmt.Sprintf("+1202555%04d", person)))
	if err != nil {
		return err
	}
	for {
		snap, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key(), IdempotencyKey: key})
		if err != nil || snap.Record != nil {
			return err
		}
		at := time.Now()
		p := &store.Plan{Tenant: tenant, Set: set, Revision: snap.Revision, Content: []byte(key), Record: store.Record{
			Key: key, MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+12025550161"), At: at, KeepUntil: at.Add(time.Hour),
			Reason: store.NewBestNumber, Roster: store.NewRoster(set, at),
		}}
		if len(snap.Chats) > 0 {
			p.Reason, p.ChatID, p.Line, p.Roster = store.ReusedActiveChat, snap.Chats[0].ID, snap.Chats[0].Line, snap.Chats[0].Roster
		}
		err = s.Commit(ctx, p)
		if _, is := errors.AsType[*store.Conflict](err); !is {
			return err
		}
	}
}

// BenchmarkMove moves a tenant whose items are half chats and half records,
// from one etcd shard to another, while the tenant sends fifty times a second.
// It reports how long sends were refused.
func BenchmarkMove(b *testing.B) {
	for _, items := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			var shards []sharded.Shard
			for _, name := range []string{"one", "two"} {
				where := fresh(b, "move "+name)
				shards = append(shards, sharded.Shard{Name: name, Open: func(ctx context.Context) (store.Store, error) {
					return etcd.Open(ctx, where, etcd.Options{})
				}})
			}
			s, err := sharded.New(shards, sharded.Options{Directory: "one"})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			require.NoError(b, sendOne(b.Context(), s, "acme", 0, "first"))
			home, away := "one", "two"
			_, err = s.Move(b.Context(), "acme", home, sharded.MoveOptions{})
			require.NoError(b, err)
			load(b, s, "acme", items/2)

			ctx, stop := context.WithCancel(b.Context())
			var sending sync.WaitGroup
			var refused time.Duration
			sending.Go(func() {
				var since time.Time // of the first refused send
				for n := 0; ctx.Err() == nil; n++ {
					err := sendOne(ctx, s, "acme", n%5000, fmt.Sprint("sent ", n))
					switch {
					case err == nil && !since.IsZero():
						refused, since = refused+time.Since(since), time.Time{}
					case errors.Is(err, sharded.ErrMoving) && since.IsZero():
						since = time.Now()
					}
					time.Sleep(20 * time.Millisecond)
				}
			})
			began := time.Now()
			for b.Loop() {
				_, err := s.Move(b.Context(), "acme", away, sharded.MoveOptions{})
				require.NoError(b, err)
				home, away = away, home
			}
			took := time.Since(began)
			time.Sleep(100 * time.Millisecond)
			stop()
			sending.Wait()
			b.ReportMetric(refused.Seconds()/float64(b.N), "s-refused/op")
			b.ReportMetric(took.Seconds()/float64(b.N), "s-whole/op")
		})
	}
}
