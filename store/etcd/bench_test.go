//go:build unix

package etcd_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
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
	"github.com/fromline/fromline/store/storetest"
)

func BenchmarkStore(b *testing.B) { storetest.Bench(b, harness) }

// BenchmarkRaw measures the engine without the store: the round trips of a send
// by the bare client. Its transactions are those of the store with other keys:
// as many conditions, writes and reads, of as many bytes.
func BenchmarkRaw(b *testing.B) {
	client := etcdtest.Shared(b).Connect(b)
	opened, reused := shapes(b)
	var run int64 // different in each run, so that keys are new
	// key returns a key as long as like, which ends with a number: the i-th key
	// of the n-th send.
	key := func(like []byte, i int, n uint64) string {
		end := fmt.Sprintf("/%d/%d/%d", run, i, n)
		return "raw" + strings.Repeat("x", max(0, len(like)-len(end)-3)) + end
	}
	txn := func(b *testing.B, like *etcdserverpb.TxnRequest, n uint64) {
		names := make(map[string]string) // by the names of the store
		name := func(of []byte) string {
			if names[string(of)] == "" {
				names[string(of)] = key(of, len(names), n)
			}
			return names[string(of)]
		}
		var conditions []clientv3.Cmp
		var writes, reads []clientv3.Op
		for _, c := range like.Compare {
			conditions = append(conditions, clientv3.Compare(clientv3.ModRevision(name(c.Key)), "=", 0))
		}
		for _, w := range like.Success {
			put := w.GetRequestPut()
			writes = append(writes, clientv3.OpPut(name(put.Key), string(put.Value)))
		}
		for _, r := range like.Failure {
			reads = append(reads, clientv3.OpGet(name(r.GetRequestRange().Key)))
		}
		answer, err := client.Txn(b.Context()).If(conditions...).Then(writes...).Else(reads...).Commit()
		if err != nil || !answer.Succeeded {
			b.Error(err, answer)
		}
	}
	look := func(b *testing.B, n uint64) {
		set, record := opened.Compare[0].Key, opened.Compare[1].Key
		_, err := client.Txn(b.Context()).Then(clientv3.OpGet(key(set, 0, n)), clientv3.OpGet(key(record, 1, n))).Commit()
		if err != nil {
			b.Error(err)
		}
	}
	for _, m := range []struct {
		name string
		do   func(b *testing.B, n uint64)
	}{
		{"lookup", look},
		{"reuse", func(b *testing.B, n uint64) { look(b, n); txn(b, reused, n) }},
		{"new", func(b *testing.B, n uint64) { look(b, n); txn(b, opened, n) }},
	} {
		for _, callers := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/callers=%d", m.name, callers), func(b *testing.B) {
				var next atomic.Uint64
				run = time.Now().UnixNano()
				b.SetParallelism((callers + 1) / 2)
				if callers == 1 {
					for b.Loop() {
						m.do(b, next.Add(1))
					}
					return
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						m.do(b, next.Add(1))
					}
				})
			})
		}
	}
}

// shapes returns the transactions with which a store opens a chat and reuses
// it, both with an idempotency key and without a delivery, as in the benchmarks
// of all stores.
func shapes(b *testing.B) (opened, reused *etcdserverpb.TxnRequest) {
	var last *etcdserverpb.TxnRequest
	s, err := etcd.OpenTold(b.Context(), fresh(b, "shapes"), etcd.Options{Timeout: etcdtest.Patience}, func(ctx context.Context, request any) {
		if r, is := request.(*etcdserverpb.TxnRequest); is && ctx.Value(ofTheTest{}) != nil {
			last = r
		}
	})
	require.NoError(b, err)
	defer s.Close()
	ctx := context.WithValue(b.Context(), ofTheTest{}, true)
	p := first(b, "+12025550123", nil)
	p.Key = uuid.NewString()
	require.NoError(b, s.Commit(ctx, p))
	opened = last
	snap, err := s.Lookup(b.Context(), store.Query{Tenant: "acme", Set: p.Set.Key()})
	require.NoError(b, err)
	p.Key, p.MessageID, p.Revision, p.Reason = uuid.NewString(), uuid.New(), snap.Revision, store.ReusedActiveChat
	require.NoError(b, s.Commit(ctx, p))
	return opened, last
}

// BenchmarkSize fills one node with chats, and then with a record for each. It
// reports their size on disk and in memory, and how long the node takes to
// answer after a kill. FROMLINE_CHATS sets the number of chats. Memory is that
// of the restarted process alone (anon): the index of all keys, without the
// pages of the file, which the system takes back when it needs them, and
// without the tail of the log, which "written", measured before, has.
func BenchmarkSize(b *testing.B) {
	chats := 20_000
	if n, err := strconv.Atoi(os.Getenv("FROMLINE_CHATS")); err == nil {
		chats = n
	}
	for range b.N {
		c := etcdtest.Start(b, 1, "--quota-backend-bytes", "8589934592")
		s, err := etcd.Open(b.Context(), c.Name("size"), etcd.Options{Timeout: etcdtest.Patience})
		require.NoError(b, err)
		node, client := c.Nodes[0], c.Connect(b)
		before := measured(b, client, node)
		fill(b, s, chats, func(i int, id uuid.UUID, roster store.Roster) store.Item {
			return store.Item{Tenant: "acme", Chat: &store.CopiedChat{Chat: store.Chat{
				ID: id, Line: sizeLine, Roster: roster, CreatedAt: sizeTime, ActiveAt: sizeTime,
			}}}
		})
		withChats := measured(b, client, node)
		fill(b, s, chats, func(i int, id uuid.UUID, roster store.Roster) store.Item {
			return store.Item{Tenant: "acme", Record: &store.Record{
				Key: uuid.NewSHA1(id, nil).String(), MessageID: uuid.NewSHA1(id, []byte("message")), ChatID: id, Line: sizeLine, At: sizeTime,
				KeepUntil: sizeTime.Add(time.Hour + time.Duration(i)*time.Microsecond), Reason: store.NewBestNumber, Roster: roster,
			}}
		})
		written := node.Memory()
		withRecords := measured(b, client, node)
		require.NoError(b, s.Close())
		tell := func(unit string, now, was int64) { b.ReportMetric(float64(now-was)/float64(chats), unit) }
		b.ReportMetric(float64(chats), "chats")
		b.ReportMetric(float64(withRecords.keys), "keys")
		tell("keys/chat", withChats.keys, before.keys)
		tell("keys/record", withRecords.keys, withChats.keys)
		tell("disk-B/chat", withChats.disk, before.disk)
		tell("disk-B/record", withRecords.disk, withChats.disk)
		tell("memory-B/chat", withChats.memory, before.memory)
		tell("memory-B/record", withRecords.memory, withChats.memory)
		tell("written-B/chat+record", written, before.memory)
		b.ReportMetric(withRecords.recovery.Seconds(), "s-to-recover")
	}
}

var (
	sizeLine = recipients.MustParse("+12025550161")
	sizeTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// fill imports an item for each of n people.
func fill(b *testing.B, s *etcd.Store, n int, item func(i int, id uuid.UUID, roster store.Roster) store.Item) {
	for first := 0; first < n; first += store.MaxPage {
		var items []store.Item
		for i := first; i < min(n, first+store.MaxPage); i++ {
			person, err := recipients.FromDigits(uint64(12_020_000_000 + i))
			require.NoError(b, err)
			set, err := recipients.NewSet(person)
			require.NoError(b, err)
			items = append(items, item(i, uuid.NewSHA1(uuid.NameSpaceOID, []byte(strconv.Itoa(i))), store.NewRoster(set, sizeTime)))
		}
		_, err := s.Import(b.Context(), items)
		require.NoError(b, err)
	}
}

// size is the size of a node.
type size struct {
	keys, disk, memory int64
	recovery           time.Duration
}

// measured compacts and defragments a node, kills it, starts it again and
// returns its size.
func measured(b *testing.B, client *clientv3.Client, node *etcdtest.Node) (is size) {
	status, err := client.Status(b.Context(), node.Client)
	require.NoError(b, err)
	_, err = client.Compact(b.Context(), status.Header.Revision, clientv3.WithCompactPhysical())
	if err != nil {
		require.ErrorContains(b, err, "compacted") // there was no write since
	}
	_, err = client.Defragment(b.Context(), node.Client)
	require.NoError(b, err)
	require.NoError(b, node.Kill())
	began := time.Now()
	require.NoError(b, node.Start())
	for deadline := began.Add(10 * time.Minute); ; {
		once, stop := context.WithTimeout(b.Context(), 5*time.Second)
		all, err := client.Get(once, "", clientv3.WithPrefix(), clientv3.WithCountOnly())
		stop()
		if err == nil {
			is.recovery, is.keys = time.Since(began), all.Count
			break
		}
		require.True(b, time.Now().Before(deadline), "%v", err)
	}
	status, err = client.Status(b.Context(), node.Client)
	require.NoError(b, err)
	is.disk, is.memory = status.DbSize, node.Memory()
	return is
}
