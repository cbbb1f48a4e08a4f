//go:build unix

package etcd_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
	"github.com/fromline/fromline/store/storetest"
)

func BenchmarkStore(b *testing.B) { storetest.Bench(b, harness) }

// BenchmarkRaw is what the engine does without us: the round trips of a send by the
// bare client, with as many conditions and writes and as many bytes.
func BenchmarkRaw(b *testing.B) {
	client := etcdtest.Shared(b).Connect(b)
	var run int64 // tells the keys of one run from those of others
	key := func(kind string, n uint64) string { return fmt.Sprintf("raw/%s/%d/%d", kind, run, n) }
	value := strings.Repeat("x", 120)
	txn := func(b *testing.B, n uint64, writes int) {
		var conditions []clientv3.Cmp
		puts := []clientv3.Op{}
		for i := range writes {
			k := key(strconv.Itoa(i), n)
			if i < 4 {
				conditions = append(conditions, clientv3.Compare(clientv3.ModRevision(k), "=", 0))
			}
			puts = append(puts, clientv3.OpPut(k, value))
		}
		answer, err := client.Txn(b.Context()).If(conditions...).Then(puts...).Commit()
		if err != nil || !answer.Succeeded {
			b.Error(err)
		}
	}
	look := func(b *testing.B, n uint64) {
		_, err := client.Txn(b.Context()).Then(clientv3.OpGet(key("a", n)), clientv3.OpGet(key("b", n))).Commit()
		if err != nil {
			b.Error(err)
		}
	}
	for _, m := range []struct {
		name string
		do   func(b *testing.B, n uint64)
	}{
		{"lookup", look},
		{"reuse", func(b *testing.B, n uint64) { look(b, n); txn(b, n, 3) }},
		{"new", func(b *testing.B, n uint64) { look(b, n); txn(b, n, 6) }},
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

// BenchmarkSize fills one node with chats, each with a record, and tells what a chat
// with its record takes on the disk and in memory, and how long the node takes to
// answer after it was killed. FROMLINE_CHATS sets how many there are.
func BenchmarkSize(b *testing.B) {
	chats := 20_000
	if n, err := strconv.Atoi(os.Getenv("FROMLINE_CHATS")); err == nil {
		chats = n
	}
	for range b.N {
		c := etcdtest.Start(b, 1, "--quota-backend-bytes", "8589934592")
		s, err := etcd.Open(b.Context(), c.Name("size"), etcd.Options{})
		require.NoError(b, err)
		node := c.Nodes[0]
		client := c.Connect(b)
		compact := func() (disk int64) {
			status, err := client.Status(b.Context(), node.Client)
			require.NoError(b, err)
			_, err = client.Compact(b.Context(), status.Header.Revision, clientv3.WithCompactPhysical())
			require.NoError(b, err)
			_, err = client.Defragment(b.Context(), node.Client)
			require.NoError(b, err)
			status, err = client.Status(b.Context(), node.Client)
			require.NoError(b, err)
			return status.DbSize
		}
		diskBefore, memoryBefore := compact(), node.Memory()
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		ours := recipients.MustParse("+12025550161")
		for first := 0; first < chats; first += store.MaxPage / 2 {
			var items []store.Item
			for i := first; i < min(chats, first+store.MaxPage/2); i++ {
				person, err := recipients.FromDigits(uint64(12_020_000_000 + i))
				require.NoError(b, err)
				set, err := recipients.NewSet(person)
				require.NoError(b, err)
				id := uuid.New()
				roster := store.NewRoster(set, at)
				items = append(items,
					store.Item{Tenant: "acme", Chat: &store.CopiedChat{Chat: store.Chat{ID: id, Line: ours, Roster: roster, CreatedAt: at, ActiveAt: at}}},
					store.Item{Tenant: "acme", Record: &store.Record{
						Key: uuid.NewString(), MessageID: uuid.New(), ChatID: id, Line: ours, At: at, KeepUntil: at.Add(time.Hour),
						Reason: store.NewBestNumber, Roster: roster,
					}})
			}
			_, err := s.Import(b.Context(), items)
			require.NoError(b, err)
		}
		disk, memory := compact()-diskBefore, node.Memory()-memoryBefore
		b.ReportMetric(float64(disk)/float64(chats), "disk-B/chat+record")
		b.ReportMetric(float64(memory)/float64(chats), "RSS-B/chat+record")
		b.ReportMetric(float64(chats), "chats")
		require.NoError(b, s.Close())
		require.NoError(b, node.Kill())
		began := time.Now()
		require.NoError(b, node.Start())
		c.Await()
		b.ReportMetric(time.Since(began).Seconds(), "s-to-recover")
	}
}
