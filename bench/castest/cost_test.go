package castest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
)

// counted is an engine that counts its operations.
type counted struct {
	engine
	gets, swaps int
}

func (c *counted) get(key string) (cell, uint64) {
	c.gets++
	return c.engine.get(key)
}

func (c *counted) swap(key string, version uint64, to cell) bool {
	c.swaps++
	return c.engine.swap(key, version, to)
}

// TestCost checks the cost of commits without conflicts that docs/engines.md
// states.
func TestCost(t *testing.T) {
	e := &counted{engine: newTable()}
	s := newStore(e)
	cost := func(reason store.Reason, chat uuid.UUID, key string) (gets, swaps int) {
		snap, err := s.Lookup(context.Background(), store.Query{Tenant: acme, Set: setOf(1).Key()})
		require.NoError(t, err)
		*e = counted{engine: e.engine}
		at := noon.Add(time.Hour)
		require.NoError(t, s.Commit(context.Background(), &store.Plan{
			Tenant: acme, Set: setOf(1), Revision: snap.Revision, NewChatLimit: 5,
			Record: store.Record{
				Key: key, MessageID: uuid.New(), ChatID: chat, Line: lineOf(1), Reason: reason, At: at, KeepUntil: at,
			},
		}))
		return e.gets, e.swaps
	}
	chat := uuid.New()
	gets, swaps := cost(store.NewBestNumber, chat, "key")
	require.Equal(t, []int{21, 11}, []int{gets, swaps}, "a new chat with a key")
	gets, swaps = cost(store.ReusedActiveChat, chat, "")
	require.Equal(t, []int{9, 5}, []int{gets, swaps}, "a reuse without a key")
}
