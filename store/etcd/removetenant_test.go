//go:build unix

package etcd_test

import (
	"context"
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
)

// A removal takes the places of chats, which Count counts, and their sets,
// which it does not, in equal steps: so the count of what is left goes down as
// the work does.
func TestARemovalTakesSetsWithTheirChats(t *testing.T) {
	name := fresh(t, "equal steps")
	client := etcdtest.Shared(t).Connect(t)
	left := func(ctx context.Context, kind string) int64 {
		answer, err := client.Get(ctx, name[strings.LastIndex(name, "/")+1:]+"\x00"+kind, clientv3.WithPrefix(), clientv3.WithCountOnly())
		require.NoError(t, err)
		return answer.Count
	}
	var removing atomic.Bool
	var looks, between atomic.Int64
	s, err := etcd.OpenTold(t.Context(), name, etcd.Options{Timeout: etcdtest.Patience}, func(ctx context.Context, _ any) {
		if !removing.Load() {
			return
		}
		places, sets := left(context.WithoutCancel(ctx), "i"), left(context.WithoutCancel(ctx), "c")
		looks.Add(1)
		if d := places - sets; d < -store.MaxPage || d > store.MaxPage {
			between.Add(1)
		}
	})
	require.NoError(t, err)
	defer s.Close()
	const chats = 2500
	at := time.Unix(1_700_000_000, 0)
	var items []store.Item
	for i := range chats {
		person, err := recipients.FromDigits(12_025_550_000 + uint64(i))
		require.NoError(t, err)
		set, err := recipients.NewSet(person)
		require.NoError(t, err)
		items = append(items, store.Item{Tenant: "acme", Chat: &store.CopiedChat{Chat: store.Chat{
			ID: uuid.New(), Line: recipients.MustParse("+12025560161"), Roster: store.NewRoster(set, at), CreatedAt: at, ActiveAt: at,
		}}})
		if len(items) == store.MaxPage || i == chats-1 {
			_, err := s.Import(t.Context(), items)
			require.NoError(t, err)
			items = nil
		}
	}
	require.EqualValues(t, chats, left(t.Context(), "i"))
	require.EqualValues(t, chats, left(t.Context(), "c"))
	removing.Store(true)
	require.NoError(t, s.RemoveTenant(t.Context(), "acme"))
	removing.Store(false)
	require.Zero(t, between.Load(), "looks at which the two were more than a page apart")
	require.Greater(t, looks.Load(), int64(10))
	require.Zero(t, left(t.Context(), "i"))
	require.Zero(t, left(t.Context(), "c"))
}
