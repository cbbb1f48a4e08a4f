package memory_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// TestLookupsHoldWhatTheyRead states that a look-up by key or by message id may
// go on beside commits of other people's records: it holds what it reads. The
// race detector notices otherwise.
func TestLookupsHoldWhatTheyRead(t *testing.T) {
	s := memory.New(memory.Options{})
	at := time.Unix(1_700_000_000, 0)
	const writers, each = 2, 400
	commit := func(w, i int) error {
		n := w*each + i
		chat, message, line := uuid.UUID{1, 14: byte(n >> 8), 15: byte(n)}, uuid.UUID{2, 14: byte(n >> 8), 15: byte(n)}, phone(13_015_550_100)
		return s.Commit(t.Context(), &store.Plan{
			Tenant: "acme", Set: set(n, 1),
			Record: store.Record{Key: strconv.Itoa(n), MessageID: message, ChatID: chat, Line: line, Reason: store.NewBestNumber, At: at, KeepUntil: at},
		})
	}
	require.NoError(t, commit(0, 0))
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := 1; i < each; i++ {
				if err := commit(w, i); err != nil {
					t.Error(err)
				}
			}
		})
		reading.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				q := store.Query{Tenant: "acme", Set: set(0, 1).Key(), MessageID: uuid.UUID{2, 14: byte(n >> 8 & 3), 15: byte(n)}}
				if w == 0 {
					q.MessageID, q.IdempotencyKey = uuid.Nil, strconv.Itoa(n%(writers*each))
				}
				if _, err := s.Lookup(t.Context(), q); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
}
